import { expect, test } from 'vitest'
import { AgentManager } from '../src/agents/agent-manager.ts'
import { defaultAgentsSettings } from '../src/agents/default-settings.ts'
import { replayLedger } from '../src/app/replay-policies.ts'
import { createTestVillage } from './scripted-village.ts'
import { storeOfEachTest } from './test-stores.ts'

const store = storeOfEachTest()

const signal = new AbortController().signal
const router = {
  agents: new AgentManager(defaultAgentsSettings),
  targetLoss: 0.05,
  alpha: 0.2,
  delta: 0.2,
}

/** Tickets that the local model sorts rightly, and letters that it does not, by turns. */
async function recordTraffic(count: number): Promise<void> {
  const { village } = createTestVillage({
    store: store.current,
    certified: { alpha: 0.2, delta: 0.2 },
    frontier: () => 'billing',
    local: ({ messages }) => (JSON.stringify(messages).includes('letter') ? 'no idea' : 'billing'),
  })
  for (let at = 0; at < count; at += 1) {
    const content =
      at % 2 === 0
        ? `Sort the ticket of customer number ${at} into a queue, please`
        : `Write a polite letter of many words to person ${at} about the weather`
    await village.answer(
      {
        request: { messages: [{ role: 'user', content }], sampling: {} },
        requestedModel: 'village/king',
        streamed: false,
      },
      { signal },
    )
    await village.whenIdle()
  }
}

test('scores policies on what was recorded: what they cost, what they lose, how sure that is', async () => {
  await recordTraffic(400)

  const rows = await replayLedger(
    store.current.ledger,
    { policies: ['always-frontier', 'always-local', 'threshold=0.3', 'certified', 'learned'] },
    router,
  )

  const row = (policy: string) => rows.find((one) => one.policy === policy)
  expect(rows.map(({ policy }) => policy)[0]).toBe('recorded')
  expect(row('always-frontier')).toMatchObject({ localShare: 0, costRatio: 1 })
  const local = row('always-local')
  expect(local?.localShare).toBe(1)
  expect(local?.lossOfLocal?.low).toBeLessThanOrEqual(0.5)
  expect(local?.lossOfLocal?.high).toBeGreaterThanOrEqual(0.5)
  // A threshold between the two kinds keeps the tickets local, of which none is lost.
  expect(row('threshold=0.3')?.localShare).toBeGreaterThan(0.4)
  expect(row('threshold=0.3')?.lossOfLocal?.value).toBeLessThan(0.1)
  expect(row('certified')?.localShare).toBeGreaterThan(0.05)
  expect(row('certified')?.costUsd).toBeLessThan(row('always-frontier')?.costUsd ?? 0)
  expect(row('always-local')?.effectiveLabels).toBeGreaterThan(50)
})

test('takes the newest tasks alone where so many are asked for', async () => {
  await recordTraffic(30)

  const rows = await replayLedger(
    store.current.ledger,
    { policies: ['always-local'], tasks: 10 },
    router,
  )

  expect(rows.map(({ tasks }) => tasks)).toEqual([10, 10])
})

test('says that there is nothing to replay before the first task', async () => {
  const replaying = replayLedger(store.current.ledger, { policies: ['learned'] }, router)

  await expect(replaying).rejects.toThrow('no agent has answered a task yet')
})
