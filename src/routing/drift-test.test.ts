import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { hasDrifted, isDriftSuspected, noDrift, recordDriftAudit } from './drift-test.ts'
import type { DriftState } from './drift-test.ts'

function auditsUntilAlarm(loss: number, alpha: number, seed: number, most: number): number | null {
  const random = seededRandom(seed)
  let state: DriftState = noDrift
  for (let audit = 1; audit <= most; audit += 1) {
    const outcome = { loss: random() < loss, probability: 0.1, floor: 0.1 }
    state = recordDriftAudit(state, outcome, alpha)
    if (hasDrifted(state)) return audit
  }
  return null
}

test('sees a loss of twenty points within 150 audits', () => {
  const seeds = Array.from({ length: 100 }, (_, at) => at + 1)

  const delays = seeds.map((seed) => auditsUntilAlarm(0.22, 0.03, seed, 1000) ?? Infinity)

  expect(Math.max(...delays)).toBeLessThan(150)
})

test('raises false alarms seldom while the loss stays at alpha', () => {
  const seeds = Array.from({ length: 50 }, (_, at) => at + 1)

  const alarms = seeds.filter((seed) => auditsUntilAlarm(0.03, 0.03, seed, 200) !== null)

  expect(alarms.length).toBeLessThan(10)
})

test('is not the slower for a long good time before', () => {
  let state: DriftState = noDrift
  for (let audit = 0; audit < 5000; audit += 1) {
    state = recordDriftAudit(state, { loss: false, probability: 0.05, floor: 0.05 }, 0.03)
  }
  const suspected: boolean[] = []
  while (!hasDrifted(state)) {
    state = recordDriftAudit(state, { loss: true, probability: 0.05, floor: 0.05 }, 0.03)
    suspected.push(isDriftSuspected(state))
  }

  expect(suspected[2]).toBe(true)
  expect(suspected.length).toBeLessThan(10)
})
