import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { estimateReplay } from './counterfactual.ts'
import type { ReplayedTask } from './counterfactual.ts'

/** Hard tasks are lost in 40 % and easy ones in 2 %; easy ones were compared in 1 of 10. */
function recorded(count: number, seed: number, isLocal: (hard: boolean) => boolean) {
  const random = seededRandom(seed)
  let losses = 0
  const tasks = Array.from({ length: count }, (): ReplayedTask => {
    const hard = random() < 0.3
    const loss = random() < (hard ? 0.4 : 0.02)
    const probability = hard ? 1 : 0.1
    const isCompared = random() < probability
    const local = isLocal(hard)
    losses += local && loss ? 1 : 0
    return {
      local,
      auditProbability: 0.05,
      frontierCostUsd: 0.01,
      expectedLoss: hard ? 0.35 : 0.03,
      label: isCompared ? { loss, probability } : null,
    }
  })
  return { tasks, truth: losses / tasks.filter(({ local }) => local).length }
}

test('finds what a policy loses although hard tasks were compared more often', () => {
  const { tasks, truth } = recorded(4000, 1, () => true)

  const estimate = estimateReplay(tasks, seededRandom(2))

  expect(estimate.lossOfLocal?.value).toBeCloseTo(truth, 1)
  expect(estimate.lossOfLocal?.low).toBeLessThan(truth)
  expect(estimate.lossOfLocal?.high).toBeGreaterThan(truth)
})

test('its intervals hold the truth in about 95 of 100 runs, the doubly robust being the narrower', () => {
  const runs = Array.from({ length: 60 }, (_, at) => {
    const { tasks, truth } = recorded(800, at + 10, () => true)
    const { lossOfLocal, lossOfLocalByWeights } = estimateReplay(tasks, seededRandom(at))
    const [robust, weighted] = [lossOfLocal ?? none, lossOfLocalByWeights ?? none]
    return {
      holds: robust.low <= truth && truth <= robust.high,
      robust: robust.high - robust.low,
      weighted: weighted.high - weighted.low,
    }
  })
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length

  expect(runs.filter(({ holds }) => holds).length).toBeGreaterThanOrEqual(52)
  expect(mean(runs.map(({ robust }) => robust))).toBeLessThan(
    mean(runs.map(({ weighted }) => weighted)),
  )
})

const none = { value: 0, low: 0, high: 0 }

test('counts the frontier’s cost, and that of audits of local answers', () => {
  const { tasks } = recorded(1000, 3, (hard) => !hard)

  const { localShare, costUsd, costRatio } = estimateReplay(tasks, seededRandom(4))

  expect(costUsd).toBeCloseTo(10 * (1 - 0.95 * localShare))
  expect(costRatio).toBeCloseTo(1 - 0.95 * localShare)
})

test('says nothing of the loss where no local answer was compared', () => {
  const { tasks } = recorded(100, 5, () => true)

  const estimate = estimateReplay(
    tasks.map((task): ReplayedTask => Object.assign({}, task, { label: null })),
    seededRandom(6),
  )

  expect(estimate).toMatchObject({ lossOfLocal: null, lossOfAll: null, effectiveLabels: 0 })
})

test('a policy that keeps nothing local loses nothing', () => {
  const { tasks } = recorded(100, 7, () => false)

  const estimate = estimateReplay(tasks, seededRandom(8))

  expect(estimate.lossOfAll).toEqual(none)
  expect(estimate.costRatio).toBe(1)
})

test('refuses a label whose probability is none', () => {
  const { tasks } = recorded(10, 9, () => true)
  const wrong = tasks.map((task): ReplayedTask =>
    Object.assign({}, task, { label: { loss: true, probability: 0 } }),
  )

  expect(() => estimateReplay(wrong, seededRandom(1))).toThrow(RangeError)
})
