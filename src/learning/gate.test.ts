import { expect, test } from 'vitest'
import { judgeCandidate, signTestPValue } from './gate.ts'
import type { TaskResult } from './gate.ts'
import { defaultLearningSettings } from './learning-settings.ts'

const anAnswer = {
  text: 'billing',
  isCutOff: false,
  meanLogProbability: null,
  leastLogProbability: null,
  latencyMs: 1,
  tokens: 1,
}

/** `[tasks, candidate right, serving right]` each, with the most overlap there can be. */
function results(kinds: Readonly<Record<string, readonly [number, number, number]>>) {
  return Object.entries(kinds).flatMap(([kind, [tasks, candidate, serving]]) =>
    Array.from({ length: tasks }, (_, index): TaskResult => ({
      exampleId: `${kind}-${index}`,
      kind,
      candidateRight: index < candidate,
      servingRight: index < serving,
      candidateAnswer: anAnswer,
      servingAnswer: anAnswer,
    })),
  )
}

function judge(kinds: Readonly<Record<string, readonly [number, number, number]>>) {
  return judgeCandidate(
    {
      id: 'eval_1',
      agent: 'king',
      candidate: 'new',
      serving: 'old',
      results: results(kinds),
      evaluatedAtMs: 1,
    },
    defaultLearningSettings.gate,
  )
}

test('gives the exact one-sided binomial tail', () => {
  expect(signTestPValue(5, 0)).toBeCloseTo(1 / 32, 10)
  expect(signTestPValue(8, 2)).toBeCloseTo(56 / 1024, 10)
  expect(signTestPValue(0, 0)).toBe(1)
  expect(signTestPValue(0, 9)).toBe(1)
  expect(signTestPValue(2000, 0)).toBe(0)
})

test('promotes a candidate that is better and lets no kind fall', () => {
  const report = judge({ triage: [60, 57, 20], record: [60, 40, 40] })

  expect(report).toMatchObject({ promoted: true, tasks: 120, candidateRight: 97, servingRight: 60 })
  expect(report.why).toMatch(/^Promoted: 97 of 120 held-out tasks right against 60/)
  expect(report.kinds).toEqual([
    { kind: 'record', tasks: 60, candidateRight: 40, servingRight: 40, won: 0, lost: 0 },
    { kind: 'triage', tasks: 60, candidateRight: 57, servingRight: 20, won: 37, lost: 0 },
  ])
})

test('refuses equal quality, with the test’s result', () => {
  const report = judge({ triage: [60, 30, 30] })

  expect(report.promoted).toBe(false)
  expect(report.why).toContain('0 won and 0 lost')
})

test('refuses a gain that chance explains', () => {
  expect(judge({ triage: [60, 34, 30] })).toMatchObject({ promoted: false, pValue: 1 / 16 })
})

test('refuses a candidate that is better in all but lets one kind fall', () => {
  const report = judge({ triage: [60, 60, 10], record: [60, 50, 56] })

  expect(report.promoted).toBe(false)
  expect(report.why).toContain('"record" fell from 56 to 50 of 60')
})

test('forgives a kind that lost a few tasks of few, or less than the margin', () => {
  expect(judge({ triage: [60, 60, 10], record: [12, 4, 7] }).promoted).toBe(true)
  expect(judge({ triage: [60, 60, 10], record: [12, 4, 8] }).promoted).toBe(false)
  expect(judge({ triage: [60, 60, 10], record: [60, 53, 56] }).promoted).toBe(true)
})

test('refuses to judge by too few tasks', () => {
  const report = judge({ triage: [29, 29, 0] })

  expect(report.promoted).toBe(false)
  expect(report.why).toContain('29 held-out tasks are too few')
})
