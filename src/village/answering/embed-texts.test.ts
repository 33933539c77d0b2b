import { expect, test } from 'vitest'
import { noBudgets, type ApiKey } from '../../kernel/api-key.ts'
import { noUsage } from '../../kernel/chat.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { EmbeddingModels } from '../../kernel/embeddings.ts'
import { createIds } from '../../kernel/ids.ts'
import type { Interaction } from '../../kernel/interaction.ts'
import type { NanoUsd, PicoUsdPerToken } from '../../kernel/money.ts'
import { seededRandom } from '../../kernel/random.ts'
import { anApiKey } from '../../kernel/sample-api-key.ts'
import { embedTexts } from './embed-texts.ts'
import { Spending } from '../access/spending.ts'

const price = { prompt: 1_000_000 as PicoUsdPerToken, completion: 0 as PicoUsdPerToken }
const cost = 10_000 as NanoUsd
const { signal } = new AbortController()

function embedding(embed?: EmbeddingModels['embed']) {
  const spending = new Spending({ clock: systemClock })
  const recorded: Interaction[] = []
  let calls = 0
  const models: EmbeddingModels = {
    embeddingPrice: async () => price,
    embed: async (request, options) => {
      calls += 1
      if (embed !== undefined) return embed(request, options)
      const usage = { ...noUsage, promptTokens: 10, cost }
      return { data: [], usage, model: request.model, latencyMs: 1, retries: 0 }
    },
  }
  const ports = {
    ledger: { record: async () => undefined } as never,
    clock: systemClock,
    ids: createIds(systemClock, seededRandom(1)),
    simulated: false,
    charge: ({ keyId, usage, startedAtMs }: Interaction) =>
      spending.charge(keyId ?? null, usage.cost, startedAtMs),
    onCommitted: ({ interactions }: { readonly interactions: readonly Interaction[] }) =>
      void recorded.push(...interactions),
    models,
    spending,
  }
  const ask = (caller: ApiKey, given: AbortSignal = signal) =>
    embedTexts({ model: 'vendor/vectors', fields: { input: 'Hello there' } }, ports, {
      signal: given,
      caller,
    })
  return { ask, spending, recorded, calls: () => calls }
}

test('embeddings are paid by the key that asks, within its budget', async () => {
  const { ask, spending, recorded, calls } = embedding()
  const caller = anApiKey({ budgets: { ...noBudgets, total: 30_000 as NanoUsd } })

  await ask(caller)
  const tooMuch = ask(caller)

  await expect(tooMuch).rejects.toMatchObject({ name: 'BudgetExceededError' })
  expect(calls()).toBe(1)
  expect(spending.ofKey(caller).spent.total).toBe(cost)
  expect(recorded).toMatchObject([{ keyId: caller.id, usage: { cost } }])
})

test('a key embeds with the models that it may use alone', async () => {
  const { ask, calls } = embedding()

  const refused = ask(anApiKey({ allowedModels: ['village'] }))

  await expect(refused).rejects.toMatchObject({ name: 'ForbiddenError' })
  expect(calls()).toBe(0)
})

test('who leaves an embedding pays for what was sent', async () => {
  const client = new AbortController()
  const { ask, spending, recorded } = embedding(async () => {
    client.abort(new Error('the client left'))
    throw client.signal.reason
  })
  const caller = anApiKey({})

  await expect(ask(caller, client.signal)).rejects.toThrow('the client left')

  expect(recorded).toMatchObject([{ cancelled: true, keyId: caller.id }])
  expect(spending.ofKey(caller).spent.total).toBeGreaterThan(0)
})
