import { expect, test } from 'vitest'
import type { ChatEvent } from '../kernel/chat.ts'
import { InvalidRequestError, ModelCallError } from '../kernel/errors.ts'
import { callsOf, read, replicate, settled } from './replicated-fixture.ts'
import { failing, hello } from './scripted-model.ts'

const { signal } = new AbortController()

test.each<[string, number | undefined]>([
  ['no connection', undefined],
  ['a refused key', 401],
  ['no credits', 402],
  ['a redirect', 302],
  ['no such model', 404],
  ['too many requests', 429],
  ['an internal error', 500],
  ['no capacity', 503],
])('after %s another replica answers, whole and streamed', async (_failure, status) => {
  const { model, models } = replicate(['north', 'south'])
  models[0].always(failing(status))

  for (let call = 0; call < 10; call += 1) {
    const answer = await model.adapter.answer(hello, { signal })
    const streamed = await read(model.adapter.stream(hello, { signal }))

    expect([answer.text, streamed]).toEqual(['south speaks', 'south speaks'])
  }
})

test('a request that the model refuses is refused by one replica and costs none its health', async () => {
  const { model, models } = replicate(['north', 'south'])
  for (const each of models) each.always(failing(400))

  for (let call = 0; call < 10; call += 1) {
    await expect(model.adapter.answer(hello, { signal })).rejects.toMatchObject({ status: 400 })
  }

  expect(callsOf(models)).toBe(10)
  expect(model.status()).toMatchObject([{ state: 'closed' }, { state: 'closed' }])
})

test('requests that every replica answers with 500 take none out of service', async () => {
  const { model, models } = replicate(['north', 'south'], { rounds: 1 })
  for (const each of models) each.always(failing(500))

  for (let call = 0; call < 20; call += 1) {
    await expect(model.adapter.answer(hello, { signal })).rejects.toMatchObject({ status: 500 })
  }

  expect(model.status()).toMatchObject([
    { state: 'closed', failures: 20 },
    { state: 'closed', failures: 20 },
  ])
})

test('a stream that breaks after its first word is not begun again', async () => {
  const { model, models } = replicate(['north', 'south'])
  const broken = { ...failing(undefined, { midStream: true }), afterWords: 1 }
  for (const each of models) each.always(broken)
  const events: ChatEvent[] = []
  const reading = (async () => {
    for await (const event of model.adapter.stream(hello, { signal })) events.push(event)
  })()

  await expect(reading).rejects.toBe(broken.error)

  expect(events).toHaveLength(1)
  expect(callsOf(models)).toBe(1)
})

test('a stream that breaks after its first word is not begun again, even if it says it may be', async () => {
  const { model, models } = replicate(['north', 'south'])
  const broken = { ...failing(503), afterWords: 1 }
  for (const each of models) each.always(broken)

  await expect(read(model.adapter.stream(hello, { signal }))).rejects.toBe(broken.error)

  expect(callsOf(models)).toBe(1)
})

test('a bug is not tried again and says nothing about the replica', async () => {
  const { model, models } = replicate(['north', 'south'])
  const bug = new TypeError('a bug')
  for (const each of models) each.always({ type: 'fail', error: bug })

  await expect(model.adapter.answer(hello, { signal })).rejects.toBe(bug)
  const invalid = new InvalidRequestError('no messages')
  for (const each of models) each.always({ type: 'fail', error: invalid })
  await expect(model.adapter.answer(hello, { signal })).rejects.toBe(invalid)

  expect(callsOf(models)).toBe(2)
  expect(model.status()).toMatchObject([{ failures: 0 }, { failures: 0 }])
})

test('the answer counts the calls that failed before it', async () => {
  const { model, models } = replicate(['north', 'south'])
  for (const each of models) each.next(failing(503))

  const answer = await model.adapter.answer(hello, { signal })

  expect(answer.retries).toBe(2)
  expect(callsOf(models)).toBe(3)
})

test('while all fail a request goes round as often as it may, with pauses that grow', async () => {
  const { model, models, clock } = replicate(['north', 'south'], { rounds: 3 })
  for (const each of models) each.always(failing(undefined))

  await expect(model.adapter.answer(hello, { signal })).rejects.toBeInstanceOf(ModelCallError)

  expect(models.map(({ calls }) => calls.length)).toEqual([3, 3])
  expect(clock.sleptMs).toHaveLength(2)
  expect(clock.sleptMs[1]).toBeGreaterThan(clock.sleptMs[0] ?? Infinity)
})

test.each(['whole', 'streamed'])('a client that leaves frees its place: %s', async (mode) => {
  const { model, models } = replicate(['north', 'south'])
  for (const each of models) each.always({ type: 'hang' })
  const controller = new AbortController()
  const reason = new Error('the client went away')
  const options = { signal: controller.signal }
  const call =
    mode === 'whole'
      ? model.adapter.answer(hello, options)
      : read(model.adapter.stream(hello, options))
  await settled()
  expect(model.status().reduce((sum, { outstanding }) => sum + outstanding, 0)).toBe(1)

  controller.abort(reason)

  await expect(call).rejects.toBe(reason)
  expect(model.status()).toMatchObject([
    { outstanding: 0, failures: 0 },
    { outstanding: 0, failures: 0 },
  ])
  expect(callsOf(models)).toBe(1)
})

test.each(['whole', 'streamed'])(
  'a call that waits for a replica is not sent: %s',
  async (mode) => {
    const { model, models } = replicate(['north'], { runs: false })
    models[0].next({ ...failing(429, { retryAfterMs: 5_000 }) })
    const controller = new AbortController()
    const options = { signal: controller.signal, progress: { sent: true } }

    const call =
      mode === 'whole'
        ? model.adapter.answer(hello, options)
        : read(model.adapter.stream(hello, options))
    await settled()
    controller.abort(new Error('the client went away'))

    await expect(call).rejects.toThrow('the client went away')
    expect(callsOf(models)).toBe(1)
    expect(options.progress.sent).toBe(false)
  },
)

test('a reader that leaves a stream early frees its place', async () => {
  const { model } = replicate(['north'])

  for await (const event of model.adapter.stream(hello, { signal })) {
    if (event.type === 'text') break
  }

  expect(model.status()).toMatchObject([{ outstanding: 0, calls: 1, failures: 0 }])
})
