import { expect, test } from 'vitest'
import { AuditedShare } from './audited-share.ts'

function audits(count: number, goodEnough: boolean, weight: number) {
  return Array.from({ length: count }, () => ({ goodEnough, weight }))
}

test('an audit stands for as many answers as its probability says', () => {
  // 40 answers of a young kind, half of them bad and one in two audited; 200 good ones, one in 20.
  const seen = [...audits(10, false, 2), ...audits(10, true, 2), ...audits(10, true, 20)]

  const audited = new AuditedShare(100, seen)

  expect(audited.share).toBeCloseTo(220 / 240)
  expect(audited.count).toBe(30)
  expect(audited.effectiveCount).toBeCloseTo(240 ** 2 / (20 * 4 + 10 * 400))
})

test('equal weights count as they are', () => {
  const audited = new AuditedShare(100, [...audits(3, true, 4), ...audits(1, false, 4)])

  expect(audited.share).toBe(0.75)
  expect(audited.effectiveCount).toBe(4)
})

test('only the last audits count, and none say nothing', () => {
  const audited = new AuditedShare(2, [...audits(5, false, 1), ...audits(2, true, 1)])

  expect(audited.share).toBe(1)
  expect(audited.values()).toEqual(audits(2, true, 1))
  expect(new AuditedShare(2).share).toBeNull()
  expect(new AuditedShare(2).effectiveCount).toBe(0)
})
