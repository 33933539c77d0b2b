import { expect, test } from 'vitest'
import { lastUserText } from '../src/kernel/chat.ts'
import { ModelCallError, UnknownModelError } from '../src/kernel/errors.ts'
import { createTestVillage, heldOutLabels } from './scripted-village.ts'
import type { AnswerEvent, AnswerInput } from '../src/village/village-service.ts'
import { storeOfAllTests } from './test-stores.ts'

const store = storeOfAllTests()

const signal = new AbortController().signal
const ticket = (index: number): string => `Sort this support message number ${index} into a queue`

function ask(content: string, requestedModel = 'village/king'): AnswerInput {
  return {
    request: { messages: [{ role: 'user', content }], sampling: {} },
    requestedModel,
    streamed: false,
  }
}

function down(): string {
  throw new ModelCallError('connection refused', { model: 'vendor/king' })
}

/** Shows the router that the local model answers this kind of task well. */
async function proveLocal(made: ReturnType<typeof createTestVillage>): Promise<void> {
  const { decision } = await made.village.answer(ask(ticket(0)), { signal })
  await made.village.whenIdle()
  made.router.restart('king', heldOutLabels(ticket, decision.kind, true))
}

test('a task goes to the frontier while nothing was shown of the local model', async () => {
  const { village } = createTestVillage({
    store: store.current,
    frontier: () => 'billing',
    local: () => 'x',
  })

  const { answer, decision } = await village.answer(ask(ticket(1)), { signal })

  expect(answer.text).toBe('billing')
  expect(decision).toMatchObject({ route: 'frontier', agent: 'king', simulated: true })
  expect(decision.reason).toContain('not yet shown')
})

test('an answer is in the ledger with its decision when the client gets it', async () => {
  const { village } = createTestVillage({
    store: store.current,
    frontier: () => 'billing',
    local: () => 'x',
  })

  const { decision } = await village.answer(ask(ticket(1)), { signal })

  const interaction = await store.current.ledger.get('interaction', decision.interactionId)
  expect(interaction).toMatchObject({ answer: 'billing', purpose: 'serve', error: null })
  expect(await store.current.ledger.get('decision', decision.id)).toEqual(decision)
})

test('a local model that was shown to be good enough answers', async () => {
  const made = createTestVillage({
    store: store.current,
    frontier: () => 'billing',
    local: () => 'billing',
  })
  await proveLocal(made)

  const { decision } = await made.village.answer(ask(ticket(2)), { signal })

  expect(decision).toMatchObject({ route: 'local', model: 'local/king', cost: 0 })
  expect(decision.complexity).toBeLessThan(decision.threshold ?? 0)
})

test('the frontier answers when the local model fails, and the reason says so', async () => {
  const made = createTestVillage({
    store: store.current,
    frontier: () => 'billing',
    local: () => {
      throw new ModelCallError('the process died', { model: 'local/king', retryable: false })
    },
  })
  await proveLocal(made)

  const { decision } = await made.village.answer(ask(ticket(2)), { signal })

  expect(decision.route).toBe('frontier')
  expect(decision.reason).toContain('local/king failed: the process died')
  const calls = await store.current.ledger.list('interaction', { taskId: decision.taskId })
  expect(calls.map((call) => call.error)).toContain('the process died')
})

test('the local model stands in for a dead frontier where its quality allows', async () => {
  let alive = true
  const made = createTestVillage({
    store: store.current,
    frontier: () => (alive ? 'billing' : down()),
    local: () => 'billing',
  })
  const { decision: first } = await made.village.answer(ask(ticket(0)), { signal })
  await made.village.whenIdle()
  const labels = [
    ...heldOutLabels(ticket, first.kind, true),
    ...heldOutLabels(ticket, first.kind, false).slice(0, 12),
  ]
  made.router.restart('king', labels)
  alive = false

  const { decision } = await made.village.answer(ask(ticket(2)), { signal })

  expect(decision.route).toBe('local')
})

test('a dead frontier is a clear error where the local model was not shown to be good', async () => {
  const { village } = createTestVillage({ store: store.current, frontier: down, local: () => 'x' })

  const answering = village.answer(ask(ticket(1)), { signal })

  await expect(answering).rejects.toThrow('connection refused')
  const recorded = await store.current.ledger.list('interaction', { newestFirst: true, limit: 1 })
  expect(recorded).toMatchObject([{ error: 'connection refused', finishReason: 'error' }])
})

test('a model that the client names passes through without an agent', async () => {
  const { village } = createTestVillage({
    store: store.current,
    frontier: () => 'hello',
    local: () => 'x',
  })

  const { decision } = await village.answer(ask('hi', 'vendor/magi'), { signal })

  expect(decision).toMatchObject({ agent: null, model: 'vendor/magi', policy: 'named-by-client' })
})

test('an unknown model is refused with the names that are close', async () => {
  const { village } = createTestVillage({
    store: store.current,
    frontier: () => 'hello',
    local: () => 'x',
  })

  const answering = village.answer(ask('hi', 'vendor/kin'), { signal })

  await expect(answering).rejects.toThrow(UnknownModelError)
})

test('streamed text is the answer, and the decision comes last', async () => {
  const { village } = createTestVillage({
    store: store.current,
    frontier: () => 'one two',
    local: () => 'x',
  })

  const events: AnswerEvent[] = []
  for await (const event of village.stream(ask(ticket(1)), { signal })) events.push(event)

  expect(events.map((event) => event.type)).toEqual(['text', 'text', 'answered'])
  const last = events.at(-1)
  const id = last?.type === 'answered' ? last.answered.decision.id : ''
  expect(await store.current.ledger.get('decision', id)).not.toBeNull()
})

test("answers of a frontier that may not be trained on are learnt from the teacher's, where they agree", async () => {
  const made = createTestVillage({ store: store.current, frontier: () => 'Oslo', local: () => 'x' })
  const questions = Array.from({ length: 12 }, (_, index) => `Study passage ${index}: where?`)
  for (const question of questions) {
    await made.village.answer(ask(question, 'village/sage'), { signal })
    await made.village.whenIdle()
  }

  const examples = await store.current.ledger.list('example', { agent: 'sage' })

  const training = examples.filter((example) => example.use === 'train')
  expect(training.length).toBeGreaterThan(0)
  expect(new Set(training.map((example) => example.right?.model))).toEqual(
    new Set(['vendor/teacher']),
  )
  expect(made.errors).toEqual([])
})

test('what a teacher says against the frontier is never learnt', async () => {
  const made = createTestVillage({
    store: store.current,
    frontier: () => 'Oslo',
    local: () => 'x',
    teacher: () => 'Bergen',
  })
  for (let index = 0; index < 8; index += 1) {
    await made.village.answer(ask(`Study letter ${index}: where?`, 'village/sage'), { signal })
    await made.village.whenIdle()
  }

  const examples = await store.current.ledger.list('example', { agent: 'sage' })

  const ofLetters = examples.filter(({ messages }) => lastUserText(messages).includes('letter'))
  expect(ofLetters.filter((example) => example.use === 'train')).toEqual([])
})

test("a user's correction becomes an example with the user's right to train", async () => {
  const { village } = createTestVillage({
    store: store.current,
    frontier: () => 'wrong',
    local: () => 'x',
  })
  const { decision } = await village.answer(ask('Sort this odd letter into a queue'), { signal })
  await village.whenIdle()

  await village.recordFeedback({ decisionId: decision.id, rating: -1, correction: 'right' })

  const examples = await store.current.ledger.list('example', { taskId: decision.taskId })
  expect(examples.at(-1)).toMatchObject({
    answer: 'right',
    vouchedBy: 'correction',
    messages: [{ role: 'user', content: 'Sort this odd letter into a queue' }],
    right: { model: 'user', basis: 'user-correction' },
  })
})

test('a request for tools is never given to the local model', async () => {
  const made = createTestVillage({
    store: store.current,
    frontier: () => 'billing',
    local: () => 'billing',
  })
  await proveLocal(made)
  const input = ask(ticket(3))

  const { decision } = await made.village.answer(
    { ...input, request: { ...input.request, extra: { tools: [{ type: 'function' }] } } },
    { signal },
  )

  expect(decision).toMatchObject({
    route: 'frontier',
    reason: 'Frontier: the local model cannot call tools.',
  })
})

test('feedback on a decision that does not exist is refused', async () => {
  const { village } = createTestVillage({
    store: store.current,
    frontier: () => 'hello',
    local: () => 'x',
  })

  const recording = village.recordFeedback({ decisionId: 'dec_none', rating: 1 })

  await expect(recording).rejects.toThrow('There is no decision "dec_none"')
})

test('a village that drains takes no more tasks', async () => {
  const { village } = createTestVillage({
    store: store.current,
    frontier: () => 'hello',
    local: () => 'x',
  })

  await village.drain()

  await expect(village.answer(ask('hi'), { signal })).rejects.toThrow('stopping')
})
