import { expect, test, vi } from 'vitest'
import { lastUserText } from '../src/kernel/chat.ts'
import type { Decision } from '../src/kernel/decision.ts'
import { createTestVillage, examinedAnswer, heldOutLabels } from './scripted-village.ts'
import { storeOfAllTests } from './test-stores.ts'

const store = storeOfAllTests()

const signal = new AbortController().signal
const ticket = (index: number): string => `Sort ticket ${index} of the customer into a queue`
const isHard = (text: string): boolean => Number(/\d+/u.exec(text)?.[0]) % 4 === 0

/** Wrong about every fourth ticket, and then not sure of its answer. */
async function halfKnowing(hardProbability = 0.3) {
  const made = createTestVillage({
    store: store.current,
    frontier: () => 'billing',
    local: ({ messages }) => (isHard(lastUserText(messages)) ? 'refunds' : 'billing'),
    localProbability: ({ messages }) => (isHard(lastUserText(messages)) ? hardProbability : 0.99),
  })
  const send = async (index: number, streamed = false) => {
    const input = {
      request: { messages: [{ role: 'user' as const, content: ticket(index) }], sampling: {} },
      requestedModel: 'village/king',
      streamed,
    }
    let answered: { text: string; decision: Decision } | undefined
    if (streamed) {
      let text = ''
      for await (const event of made.village.stream(input, { signal })) {
        if (event.type === 'text') text += event.text
        if (event.type === 'answered') answered = { text, decision: event.answered.decision }
      }
    } else {
      const { answer, decision } = await made.village.answer(input, { signal })
      answered = { text: answer.text, decision }
    }
    await made.village.whenIdle()
    if (answered === undefined) throw new Error('the stream ended without a decision')
    return answered
  }
  const first = await send(1)
  const labelsThat = (goodEnough: boolean) =>
    Array.from(
      heldOutLabels(
        (index) => ticket(4 * index + (goodEnough ? 1 : 0)),
        first.decision.kind,
        goodEnough,
      ),
      (label) => ({
        ...label,
        answer: examinedAnswer(goodEnough ? 0.99 : hardProbability),
      }),
    )
  made.router.restart('king', [...labelsThat(true), ...labelsThat(false).slice(0, 27)])
  made.latency.observe('king', first.decision.kind, { latencyMs: 20, tokens: 5 })
  return { ...made, send }
}

test.each([{ streamed: false }, { streamed: true }])(
  'sure answers leave and the others are handed over, their text unseen: %o',
  async ({ streamed }) => {
    const { send } = await halfKnowing()

    const sure = await send(5, streamed)
    const unsure = await send(8, streamed)

    expect(sure).toMatchObject({ text: 'billing', decision: { route: 'local' } })
    expect(sure.decision.reason).toContain('of sure answers to tasks of this kind')
    expect(unsure).toMatchObject({ text: 'billing', decision: { route: 'frontier' } })
    expect(unsure.decision.reason).toMatch(
      /^Frontier: the local model was not sure of its answer \(30 %.*; 0 of \d+ such answers/u,
    )
    const rejected = await store.current.ledger.get(
      'interaction',
      unsure.decision.handover?.interactionId ?? '',
    )
    expect(rejected).toMatchObject({ purpose: 'handover', answer: 'refunds', usage: { cost: 0 } })
  },
)

test('an answer that the model was not sure of leaves where such answers proved good', async () => {
  const { router, send } = await halfKnowing()
  const { decision } = await send(5)
  const labels = Array.from(heldOutLabels(ticket, decision.kind, true), (label, at) => ({
    ...label,
    answer: examinedAnswer(at % 2 === 0 ? 0.99 : 0.3),
  }))
  router.restart('king', labels)

  const unsure = await send(8)

  expect(unsure).toMatchObject({ text: 'refunds', decision: { route: 'local' } })
  expect(unsure.decision.reason).toContain('but 40 of 40 such answers')
})

test('a handover is watched as the audit that its task was chosen for, and is none', async () => {
  const { send, cycle, accounting } = await halfKnowing()
  const audits = vi.spyOn(cycle, 'observeAudit')
  let handovers = 0

  for (let index = 2; index <= 32; index += 1) {
    const { decision } = await send(4 * index)
    if (decision.handover !== undefined) handovers += 1
  }

  const watched = audits.mock.calls.map(([audit]) => audit)
  expect(watched.length).toBeGreaterThan(0)
  expect(watched.length).toBeLessThan(handovers)
  for (const audit of watched) expect(audit).toMatchObject({ goodEnough: false, probability: 0.5 })
  expect(accounting.agents.king.goodEnough.count).toBe(0)
})

test('nothing is held back of a model that is usually unsure: the frontier is asked at once', async () => {
  const { router, send } = await halfKnowing()
  const { decision } = await send(5)
  const labels = Array.from(heldOutLabels(ticket, decision.kind, true), (label, at) => ({
    ...label,
    goodEnough: at % 4 === 0,
    answer: examinedAnswer(at % 4 === 0 ? 0.99 : 0.3),
  }))
  router.restart('king', labels)

  const asked = await send(5)

  expect(asked.decision.handover).toBeUndefined()
  expect(asked.decision.reason).toMatch(/sure of only 2\d % of its answers/u)
})
