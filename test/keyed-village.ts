import { onTestFinished } from 'vitest'
import type { VillageStatus } from '../src/http/contract.ts'
import { createServer } from '../src/http/server.ts'
import { noBudgets, type ApiKey } from '../src/kernel/api-key.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { createIds } from '../src/kernel/ids.ts'
import { nanoUsdFromUsd, type PicoUsdPerToken } from '../src/kernel/money.ts'
import { seededRandom } from '../src/kernel/random.ts'
import type { VillageStore } from '../src/kernel/stores.ts'
import { KeyRing } from '../src/village/access/key-ring.ts'
import { createTestVillage, type TestVillageOptions } from './scripted-village.ts'

const ids = createIds(systemClock, seededRandom(9))
/** Five dollars per million tokens each way: an answer of 2,000 tokens costs a cent. */
const price = {
  prompt: 5_000_000 as PicoUsdPerToken,
  completion: 5_000_000 as PicoUsdPerToken,
}
export const centCost = nanoUsdFromUsd(0.01)

/** A whole village behind its HTTP side, with real keys and a real ledger. */
export async function serveWithKeys(
  store: VillageStore,
  options: Partial<TestVillageOptions> = {},
) {
  const made = createTestVillage({
    store,
    frontier: () => 'one two three',
    local: () => 'local',
    price,
    cost: centCost,
    ...options,
  })
  const keys = new KeyRing({ keys: store.keys, clock: systemClock, ids })
  const { village, spending, limits } = made
  const app = createServer({
    service: village,
    access: { keys, limits, spending },
    status: { current: () => ({}) as VillageStatus, subscribe: () => () => undefined },
    trails: { find: async () => null },
    bodyLimitBytes: 1_000_000,
    clock: systemClock,
    ids,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => app.close())
  const post = (key: string, body: object, init: RequestInit = {}) =>
    postTo('/v1/chat/completions', key, body, init)
  const postTo = (path: string, key: string, body: object, init: RequestInit = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...init,
    })
  const usage = async (key: string) => {
    const headers = { authorization: `Bearer ${key}` }
    const { data } = (await (await fetch(`${url}/v1/key`, { headers })).json()) as {
      data: { usage: number; limit_remaining: number | null }
    }
    return data
  }
  const issue = (wishes: Partial<ApiKey> = {}) =>
    keys.issue({ name: 'test', role: 'member', ...wishes }, 'owner')
  return { ...made, url, post, postTo, usage, issue }
}

/** At most a cent for the answer, and a little for the question. */
export const ask = (more: object = {}) => ({
  model: 'vendor/king',
  messages: [{ role: 'user', content: 'Hello' }],
  max_tokens: 2000,
  ...more,
})

export const dollars = (amount: number) => ({ ...noBudgets, total: nanoUsdFromUsd(amount) })

export function requestOf(content: string, maxTokens?: number) {
  return {
    messages: [{ role: 'user' as const, content }],
    sampling: maxTokens === undefined ? {} : { maxTokens },
  }
}
