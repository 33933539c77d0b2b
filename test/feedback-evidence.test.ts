import { expect, test } from 'vitest'
import { createTestVillage, heldOutLabels } from './scripted-village.ts'
import { storeOfEachTest } from './test-stores.ts'

const store = storeOfEachTest()

const signal = new AbortController().signal
const ticket = (at: number): string => `Sort the ticket number ${at}: the invoice is wrong`

/** A village that serves such tickets locally, with what it expects of the next one. */
async function servingVillage() {
  const made = createTestVillage({
    store: store.current,
    frontier: () => 'billing',
    local: () => 'billing',
  })
  const send = async (at: number, streamed = false) => {
    const messages = [{ role: 'user' as const, content: ticket(at) }]
    const { decision } = await made.village.answer(
      { request: { messages, sampling: {} }, requestedModel: 'village/king', streamed },
      { signal },
    )
    await made.village.whenIdle()
    return decision
  }
  const { kind } = await send(0)
  made.router.restart('king', heldOutLabels(ticket, kind, true))
  return { ...made, send }
}

test('a thumbs-down on a local answer moves what is expected of such tasks, once', async () => {
  const { village, send } = await servingVillage()
  const before = await send(1)

  for (let times = 0; times < 5; times += 1) {
    await village.recordFeedback({ decisionId: before.id, rating: -1 })
  }
  await village.whenIdle()
  const after = await send(2)
  const comparisons = await store.current.ledger.list('comparison', { taskId: before.taskId })

  expect(before.route).toBe('local')
  expect(after.complexity).toBeGreaterThan(before.complexity ?? 1)
  expect(after.complexity).toBeLessThan((before.complexity ?? 0) + 0.05)
  expect(comparisons.filter(({ source }) => source === 'feedback')).toHaveLength(5)
})

test('a correction counts as a loss, whatever the rating says', async () => {
  const { village, send } = await servingVillage()
  const before = await send(1)

  await village.recordFeedback({ decisionId: before.id, rating: 1, correction: 'refunds' })
  await village.whenIdle()
  const after = await send(2)
  const [comparison] = await store.current.ledger.list('comparison', { taskId: before.taskId })

  expect(comparison).toMatchObject({ source: 'feedback', verdict: 'reference-only' })
  expect(after.complexity).toBeGreaterThan(before.complexity ?? 1)
})

test('feedback on a frontier answer says nothing of the local model', async () => {
  const { village, router, send } = await servingVillage()
  router.restart('king', [])
  const before = await send(1)

  await village.recordFeedback({ decisionId: before.id, rating: -1 })
  await village.whenIdle()
  const comparisons = await store.current.ledger.list('comparison', { taskId: before.taskId })

  expect(before.route).toBe('frontier')
  expect(comparisons.filter(({ source }) => source === 'feedback')).toEqual([])
})
