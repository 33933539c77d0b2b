import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { chooseReplica } from './choose-replica.ts'
import { Replica } from './replica.ts'
import { scriptedModel } from './scripted-model.ts'

function replica(name: string, weight = 1): Replica {
  return new Replica({ name, adapter: scriptedModel(name), weight, draining: false })
}

function measured(each: Replica, latencyMs: number, nowMs: number): Replica {
  const call = each.begin(nowMs - latencyMs)
  each.noteLatency(call, 'whole', nowMs)
  each.end(call, 'good', nowMs)
  return each
}

/** How often each is chosen in a thousand calls that end at once. */
function shares(replicas: readonly Replica[], nowMs = 0): Record<string, number> {
  const random = seededRandom(5)
  const counts: Record<string, number> = Object.fromEntries(replicas.map(({ name }) => [name, 0]))
  for (let call = 0; call < 1000; call += 1) {
    const chosen = chooseReplica(replicas, 'whole', { random, nowMs })
    if (chosen !== undefined) counts[chosen.name] = (counts[chosen.name] ?? 0) + 1
  }
  return counts
}

test('equal replicas share by weight', () => {
  const counts = shares([replica('heavy', 3), replica('light', 1)])

  expect(counts['heavy']).toBeGreaterThan(700)
  expect(counts['heavy']).toBeLessThan(800)
})

test('of two the one with clearly fewer calls under way is taken', () => {
  const busy = replica('busy')
  for (let call = 0; call < 3; call += 1) busy.begin(0)

  expect(shares([busy, replica('idle')])).toEqual({ busy: 0, idle: 1000 })
})

test('weights say how many calls a replica may have under way for the same load', () => {
  const heavy = replica('heavy', 4)
  const light = replica('light', 1)
  for (let call = 0; call < 4; call += 1) heavy.begin(0)
  light.begin(0)

  const counts = shares([heavy, light])

  expect(counts['heavy']).toBeGreaterThan(700)
})

test('the quicker one is taken, until the slow one’s measurement is old', () => {
  const quick = measured(replica('quick'), 100, 10_000)
  const slow = measured(replica('slow'), 1000, 10_000)

  expect(shares([quick, slow], 10_000)['slow']).toBe(0)

  measured(quick, 100, 130_000)
  expect(shares([quick, slow], 130_000)['slow']).toBeGreaterThan(0)
})

test('one that fails now and then is avoided though it fails fast', () => {
  const flaky = replica('flaky')
  for (const outcome of ['bad', 'good', 'bad'] as const) flaky.end(flaky.begin(0), outcome, 0)

  expect(shares([flaky, replica('steady')])).toEqual({ flaky: 0, steady: 1000 })
})

test('load spreads far better than by chance alone', () => {
  const replicas = Array.from({ length: 10 }, (_, index) => replica(`replica-${index}`))
  const random = seededRandom(6)

  for (let call = 0; call < 1000; call += 1) {
    chooseReplica(replicas, 'whole', { random, nowMs: 0 })?.begin(0)
  }

  const loads = replicas.map(({ outstanding }) => outstanding)
  // By chance alone the fullest of ten holds about 115 of 1,000.
  expect(Math.max(...loads)).toBeLessThanOrEqual(103)
  expect(Math.min(...loads)).toBeGreaterThanOrEqual(97)
})
