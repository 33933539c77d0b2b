import { expect, test } from 'vitest'
import { UnknownModelError } from '../kernel/errors.ts'
import type { ModelAdapter, ModelCatalogue } from '../kernel/model-adapter.ts'
import { VillageSettings } from '../village/settings.ts'
import { cheaperModels } from './cheaper-models.ts'

const prices: Readonly<Record<string, number>> = {
  'v/own': 100,
  'v/half': 50,
  'v/tenth': 10,
  'v/twice': 200,
}

const catalogue: ModelCatalogue = {
  list: () => Promise.resolve([]),
  adapter: (id) => {
    const price = prices[id]
    if (price === undefined) return Promise.reject(new UnknownModelError(id, []))
    const description = { id, price: { prompt: price, completion: price } }
    return Promise.resolve({ description } as ModelAdapter)
  },
}

function agentsWith(candidates: readonly string[], frontierModel = 'v/own') {
  return VillageSettings.parse({
    routing: { policy: 'certified' },
    agents: { king: { frontierModel, candidates } },
  }).agents
}

test('orders candidates by price, and leaves out what is dearer or unknown and says so', async () => {
  const leftOut: string[] = []

  const models = await cheaperModels(agentsWith(['v/half', 'v/twice', 'v/none', 'v/tenth']), {
    catalogue,
    signal: new AbortController().signal,
    onLeftOut: (agent, model, why) => void leftOut.push(`${agent} ${model}: ${why}`),
  })

  expect(models).toEqual({ king: ['v/tenth', 'v/half'], sage: [], magi: [] })
  expect(leftOut).toEqual([
    'king v/twice: it is not cheaper than v/own',
    'king v/none: its price cannot be looked up',
  ])
})

test('leaves all candidates out while the price of the frontier model itself is not known', async () => {
  const models = await cheaperModels(agentsWith(['v/half'], 'v/gone'), {
    catalogue,
    signal: new AbortController().signal,
    onLeftOut: () => undefined,
  })

  expect(models.king).toEqual([])
})
