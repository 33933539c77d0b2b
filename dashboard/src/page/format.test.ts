import { expect, test } from 'vitest'
import {
  agoText,
  countedText,
  durationText,
  moneyText,
  shareText,
  shortHash,
  wordsText,
} from './format.ts'

test('writes money with the digits that its size needs', () => {
  expect(moneyText(0)).toBe('$0.00')
  expect(moneyText(12.3456)).toBe('$12.35')
  expect(moneyText(0.4567)).toBe('$0.457')
  expect(moneyText(0.000123)).toBe('$0.000123')
  expect(moneyText(-0.5)).toBe('-$0.50')
})

test('writes a dash and not zero where no share was measured', () => {
  expect(shareText(null)).toBe('–')
  expect(shareText(0)).toBe('0 %')
  expect(shareText(0.634, 1)).toBe('63.4 %')
})

test('writes one thing in the singular', () => {
  expect(countedText(1, 'task')).toBe('1 task')
  expect(countedText(5_000, 'task')).toBe('5,000 tasks')
})

test('writes durations and ages in the largest units that matter', () => {
  expect(durationText(59_400)).toBe('59 s')
  expect(durationText(125_000)).toBe('2 min 5 s')
  expect(agoText(0, 2_000)).toBe('just now')
  expect(agoText(0, 125_000)).toBe('2 min ago')
  expect(agoText(0, 7_300_000)).toBe('2 h ago')
})

test('shortens a hash without its scheme', () => {
  expect(shortHash('sha256:0123456789abcdef')).toBe('01234567')
})

test('turns names of code into words', () => {
  expect(wordsText('rewards/margins')).toBe('Rewards margins')
  expect(wordsText('unitTests')).toBe('Unit tests')
})
