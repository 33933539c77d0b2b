import { expect, test } from 'vitest'
import { createManualClock } from '../kernel/manual-clock.ts'
import { seededRandom } from '../kernel/random.ts'
import { callsOf, replicate, settled } from './replicated-fixture.ts'
import { createReplicatedModel } from './replicated-model.ts'
import { failing, hello, scriptedDescription, scriptedModel } from './scripted-model.ts'

const { signal } = new AbortController()

test('a dead replica is left alone, and one call at a time finds out that it is back', async () => {
  const { model, models, clock } = replicate(['north', 'south'], { runs: false })
  const [north, south] = models
  north.always(failing(undefined))
  await Promise.all(Array.from({ length: 30 }, () => model.adapter.answer(hello, { signal })))
  const whileDead = north.calls.length
  expect(model.status()[0]).toMatchObject({ state: 'open', lastError: 'status undefined' })
  await Promise.all(Array.from({ length: 30 }, () => model.adapter.answer(hello, { signal })))
  expect(north.calls.length).toBe(whileDead)

  await clock.advance(1000)
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  north.always({ type: 'answer', after: gate })
  const calls = Array.from({ length: 10 }, () => model.adapter.answer(hello, { signal }))
  await settled()

  expect(north.calls.length).toBe(whileDead + 1)
  expect(model.status()[0]?.state).toBe('half-open')
  release()
  const answers = await Promise.all(calls)
  expect(answers.filter(({ text }) => text === 'north speaks')).toHaveLength(1)
  expect(model.status()[0]?.state).toBe('closed')
  expect(south?.calls.length).toBeGreaterThan(30)
})

test('with every replica out of service requests wait for the one that is tried', async () => {
  const { model, models, clock } = replicate(['north', 'south'], { runs: false, rounds: 1 })
  for (const each of models) each.always(failing(undefined))
  for (let call = 0; call < 8; call += 1) {
    await model.adapter.answer(hello, { signal }).catch(() => undefined)
  }
  expect(model.status()).toMatchObject([{ state: 'open' }, { state: 'open' }])
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  for (const each of models) each.always({ type: 'answer', after: gate })

  const before = callsOf(models)
  const calls = Array.from({ length: 20 }, () => model.adapter.answer(hello, { signal }))
  await settled()
  expect(callsOf(models)).toBe(before + 2)
  release()

  await expect(Promise.all(calls)).resolves.toHaveLength(20)
  await clock.advance(0)
})

test('a wait for a replica ends with a clear error when it lasts too long', async () => {
  const { model, models, clock } = replicate(['north'], {
    runs: false,
    rounds: 1,
    longestWaitMs: 500,
  })
  models[0].always({ type: 'hang' })
  models[0].next(...Array.from({ length: 4 }, () => failing(undefined)))
  const failed = Array.from({ length: 4 }, () => model.adapter.answer(hello, { signal }))
  for (const call of failed) call.catch(() => undefined)
  await settled()
  expect(model.status()).toMatchObject([{ state: 'open' }])
  const leaving = new AbortController()
  const trial = model.adapter.answer(hello, { signal: leaving.signal })
  await settled()

  const waiting = model.adapter.answer(hello, { signal })
  waiting.catch(() => undefined)
  await clock.advance(500)
  await expect(waiting).rejects.toMatchObject({ status: 503, retryAfterMs: 1000 })

  leaving.abort(new Error('gone'))
  await expect(trial).rejects.toThrow('gone')
  await clock.advance(60_000)
  await Promise.allSettled(failed)
})

test('a replica that asks for a pause gets it, and is waited for when it is the only one', async () => {
  const { model, models, clock } = replicate(['north', 'south'])
  models[0].next(failing(429, { retryAfterMs: 5000 }))
  for (let call = 0; call < 10; call += 1) await model.adapter.answer(hello, { signal })
  expect(models[0].calls.length).toBeLessThanOrEqual(1)

  model.change('south', { draining: true })
  models[0].next(failing(429, { retryAfterMs: 5000 }))
  const startedAtMs = clock.now()
  const answer = await model.adapter.answer(hello, { signal })

  expect(answer.text).toBe('north speaks')
  expect(clock.now() - startedAtMs).toBeGreaterThanOrEqual(5000)
})

test('a pause that lasts longer than one may wait is passed on', async () => {
  const { model, models } = replicate(['north', 'south'])
  for (const each of models) each.always(failing(429, { retryAfterMs: 3_600_000 }))

  const first = model.adapter.answer(hello, { signal })
  await expect(first).rejects.toMatchObject({ status: 429, retryAfterMs: 3_600_000 })
  const second = model.adapter.answer(hello, { signal })

  await expect(second).rejects.toMatchObject({ status: 429, retryAfterMs: 60_000 })
  expect(callsOf(models)).toBe(2)
})

test('a draining replica finishes its calls and gets no new ones', async () => {
  const { model, models } = replicate(['north', 'south'])
  const [north] = models
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  model.change('south', { draining: true })
  north.next({ type: 'answer', after: gate })
  const underWay = model.adapter.answer(hello, { signal })
  await settled()

  model.change('north', { draining: true })
  model.change('south', { draining: false })
  for (let call = 0; call < 10; call += 1) await model.adapter.answer(hello, { signal })

  expect(north.calls).toHaveLength(1)
  expect(model.status()[0]).toMatchObject({ draining: true, outstanding: 1 })
  release()
  await expect(underWay).resolves.toMatchObject({ text: 'north speaks' })
  expect(model.status()[0]?.outstanding).toBe(0)
})

test('when all are draining the request is refused at once, with the reason', async () => {
  const { model } = replicate(['north', 'south'])
  for (const name of ['north', 'south']) model.change(name, { draining: true })

  const call = model.adapter.answer(hello, { signal })

  await expect(call).rejects.toMatchObject({ status: 503 })
  await expect(call).rejects.toThrow('Every replica of acme/coder is draining')
})

test('an idle replica is probed, and is out of service before a client finds it dead', async () => {
  const clock = createManualClock()
  const north = scriptedModel('north')
  let alive = false
  let probes = 0
  const model = createReplicatedModel({
    description: scriptedDescription,
    replicas: [
      {
        name: 'north',
        adapter: north,
        weight: 1,
        draining: false,
        probe: async () => {
          probes += 1
          if (!alive) throw new Error('connection refused')
        },
      },
      { name: 'south', adapter: scriptedModel('south'), weight: 1, draining: false },
    ],
    clock,
    random: seededRandom(3),
    probes: { everyMs: 1000, idleMs: 5000 },
  })

  await clock.advance(10_000)
  expect(model.status()[0]).toMatchObject({ state: 'open', lastError: 'connection refused' })
  for (let call = 0; call < 20; call += 1) await model.adapter.answer(hello, { signal })
  expect(north.calls).toHaveLength(0)

  alive = true
  await clock.advance(60_000)
  expect(model.status()[0]?.state).toBe('closed')
  await model.close()
  const afterClose = probes
  await clock.advance(60_000)
  expect(probes).toBe(afterClose)
})

test('after the last round a replica that rests is waited for rather than failing', async () => {
  const { model, models, clock } = replicate(['north', 'south'], { rounds: 1 })
  const [north, south] = models
  model.change('north', { draining: true })
  south?.next(failing(429, { retryAfterMs: 3000 }))
  await expect(model.adapter.answer(hello, { signal })).rejects.toMatchObject({ status: 429 })
  model.change('north', { draining: false })
  north.always(failing(undefined))
  const startedAtMs = clock.now()

  const answer = await model.adapter.answer(hello, { signal })

  expect(answer.text).toBe('south speaks')
  expect(clock.now() - startedAtMs).toBeGreaterThanOrEqual(3000)
})

test('one that asks for a pause does not keep requests from one that may be well again', async () => {
  const { model, models, clock } = replicate(['north', 'south'], { runs: false, rounds: 1 })
  const [north, south] = models
  north.always(failing(undefined))
  await Promise.all(Array.from({ length: 30 }, () => model.adapter.answer(hello, { signal })))
  expect(model.status()[0]?.state).toBe('open')
  north.always({ type: 'answer' })
  south?.always(failing(429, { retryAfterMs: 5000 }))

  const answers = await Promise.all(
    Array.from({ length: 10 }, () => model.adapter.answer(hello, { signal })),
  )

  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['north speaks']))
  await clock.advance(0)
})
