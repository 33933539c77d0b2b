import { afterEach, beforeEach, expect, test } from 'vitest'
import { dollars } from './keyed-village.ts'
import { createSampleEmbedder } from '../src/kernel/sample-embedder.ts'
import { nanoUsdFromUsd } from '../src/kernel/money.ts'
import { verifySimilarityBands } from '../src/app/verify-certificates.ts'
import type { Decision } from '../src/kernel/decision.ts'
import type { BandSummary } from '../src/village/sharing/similarity-bands.ts'
import { temporaryFolder } from './scripted-village.ts'
import { serveTestVillage } from './serving-village.ts'
import type { ServedTestVillage } from './serving-village.ts'

let folder: ReturnType<typeof temporaryFolder>
let village: ServedTestVillage
let calls = 0

beforeEach(async () => {
  calls = 0
  folder = temporaryFolder()
  village = await serve(1)
})

afterEach(async () => {
  await village.close()
  folder.remove()
})

function serve(seed: number): Promise<ServedTestVillage> {
  const frontier = (): string => {
    calls += 1
    return 'Open the link in the mail.'
  }
  // Far from what an operator would set: it has to open within a test.
  const semantic = { enabled: true, maxWrongShare: 0.3, confidence: 0.6 }
  return serveTestVillage({
    folder: folder.path,
    frontier,
    seed,
    settings: { cache: { semantic } },
    embedder: createSampleEmbedder(),
    cost: nanoUsdFromUsd(0.01),
  })
}

type Answer = {
  readonly choices: readonly { readonly message: { readonly content: string } }[]
  readonly usage: { readonly cost: number }
  readonly village: {
    readonly cache: string
    readonly decision_id: string
    readonly saved_usd: number
    readonly reason: string
  }
}

const words = 'how can i please reset my old password for this site again'.split(' ')
let turn = 0

/** The same words in an order of its own. */
function newWords(): string {
  turn += 1
  const at = turn % words.length
  const turned = [...words.slice(at), ...words.slice(0, at)]
  const [first = ''] = turned.splice(Math.floor(turn / words.length) % words.length, 1)
  return [...turned, first].join(' ')
}

async function ask(text: string, more: object = {}, key = village.firstKey): Promise<Answer> {
  const response = await fetch(`${village.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-openrouter-cache': 'true',
    },
    body: JSON.stringify({
      model: 'vendor/king',
      messages: [{ role: 'user', content: text }],
      temperature: 0,
      ...more,
    }),
  })
  return (await response.json()) as Answer
}

/** Asks until an answer of a similar request is given. */
async function askUntilGiven(more: object = {}): Promise<Answer> {
  for (let asked = 0; asked < 80; asked += 1) {
    const answer = await ask(newWords(), more)
    await village.sharing.idle()
    if (answer.village.cache === 'semantic') return answer
  }
  throw new Error('no similar answer was given')
}

test('a similar request gets the kept answer for nothing, and the trail leads to the call', async () => {
  const given = await askUntilGiven()

  expect(given.choices[0]?.message.content).toBe('Open the link in the mail.')
  expect(given.usage.cost).toBe(0)
  expect(given.village.saved_usd).toBe(0.01)
  expect(given.village.reason).toContain('similar request')
  const decision = await decisionOf(given)
  expect(decision?.reused).toMatchObject({
    from: 'semantic',
    similarity: expect.closeTo(1) as number,
  })
  expect(
    await village.store.ledger.get('interaction', decision?.interactionId ?? ''),
  ).toMatchObject({ answer: 'Open the link in the mail.' })
  expect(village.accounting.totals).toMatchObject({ semanticHits: 1, cacheHits: 0 })
})

test('every comparison stands in the ledger, and an audit is the village’s own call', async () => {
  await askUntilGiven()
  for (let asked = 0; asked < 25; asked += 1) await ask(newWords())
  await village.sharing.idle()

  const checks = await village.store.ledger.list('cache-check')
  const interactions = await village.store.ledger.list('interaction')
  const audits = interactions.filter(({ purpose }) => purpose === 'cache-audit')
  const decisions = await village.store.ledger.list('decision')
  const audited = decisions.filter(({ reused }) => reused?.from === 'semantic' && reused.audited)

  expect(audits.length).toBeGreaterThan(0)
  expect(audits.length).toBe(audited.length)
  expect(audits.every(({ keyId }) => keyId === undefined)).toBe(true)
  expect(checks.filter(({ hitDecisionId }) => hitDecisionId !== null)).toHaveLength(audits.length)
  expect(checks.every(({ wrong }) => wrong === false)).toBe(true)
  expect(village.accounting.totals.cacheAudits).toBe(audits.length)
  const own = decisions.filter(({ ownPurpose }) => ownPurpose !== undefined)
  expect(own).toHaveLength(audits.length)
  expect(village.accounting.totals.tasks).toBe(decisions.length - own.length)
  expect(village.errors).toEqual([])
})

test('an audit of an agent’s task teaches nothing: no comparison and no example of its own', async () => {
  const toKing = { model: 'village/king' }
  await askUntilGiven(toKing)
  for (let asked = 0; asked < 25; asked += 1) await ask(newWords(), toKing)
  await village.sharing.idle()
  await village.village.whenIdle()

  const decisions = await village.store.ledger.list('decision')
  const own = new Set(decisions.filter(({ ownPurpose }) => ownPurpose).map(({ taskId }) => taskId))
  const examples = await village.store.ledger.list('example')
  const comparisons = await village.store.ledger.list('comparison')

  expect(own.size).toBeGreaterThan(0)
  expect([...examples, ...comparisons].filter(({ taskId }) => own.has(taskId))).toEqual([])
  expect(village.errors).toEqual([])
})

test('a key with a budget pays for what is made for it, and for no similar answer', async () => {
  const { record, key } = await issueWithBudget(1)
  let made = 0
  let given = 0
  for (let asked = 0; asked < 40; asked += 1) {
    const answer = await ask(newWords(), {}, key)
    await village.sharing.idle()
    if (answer.village.cache === 'semantic') given += 1
    else made += 1
  }

  expect(given).toBeGreaterThan(5)
  expect(village.spending.ofKey(record).spent.total).toBe(nanoUsdFromUsd(0.01 * made))
})

test('a restart keeps answers, texts and evidence', async () => {
  await askUntilGiven()
  const { firstKey } = village
  await village.close()

  village = await serve(2)
  const before = calls
  const given = await ask(newWords(), {}, firstKey)

  expect(given.village.cache).toBe('semantic')
  expect(calls - before).toBeLessThanOrEqual(1)
})

test('another key gets none of it, and cannot forget it', async () => {
  await askUntilGiven()
  await fetchForget(village.secondKey)

  const other = await ask(newWords(), {}, village.secondKey)
  const own = await ask(newWords())

  expect([other.village.cache, own.village.cache]).toEqual(['miss', 'semantic'])
})

test('a key sees how its bands stand, and the ledger alone shows what opened them', async () => {
  await askUntilGiven()
  const [own, other] = await Promise.all([fetchBands(), fetchBands(village.secondKey)])
  const checks = await verifySimilarityBands(village.store)

  expect(own[0]).toMatchObject({ from: 0.98, open: true, wrong: 0 })
  expect(own.slice(1).some(({ open }) => open)).toBe(false)
  expect(other.map(({ open, comparisons }) => ({ open, comparisons }))).toEqual(
    own.map(() => ({ open: false, comparisons: 0 })),
  )
  expect(checks).toMatchObject([{ threshold: 0, problems: [] }])
  expect(checks[0]?.labels).toBe(own[0]?.comparisons)
})

test('what the key forgets, and what new weights replace, is not given to similar requests', async () => {
  const toLocal = { model: 'local/king' }
  await askUntilGiven(toLocal)

  village.cache.invalidate({ localAgent: 'sage' })
  const kept = await ask(newWords(), toLocal)
  village.cache.invalidate({ localAgent: 'king' })
  const replaced = await ask(newWords(), toLocal)
  const again = await ask(newWords(), toLocal)
  await fetchForget(village.firstKey)
  const forgotten = await ask(newWords(), toLocal)

  expect([kept, replaced, again, forgotten].map(({ village: { cache } }) => cache)).toEqual([
    'semantic',
    'miss',
    'semantic',
    'miss',
  ])
})

test('a user’s verdict on a similar answer is kept, and counts against no model', async () => {
  const toLocal = { model: 'village/king' }
  const given = await askUntilGiven(toLocal)

  await fetch(`${village.url}/v1/feedback`, {
    method: 'POST',
    headers: { authorization: `Bearer ${village.firstKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      decision_id: given.village.decision_id,
      rating: 'down',
      correction: 'Something else',
    }),
  })

  const [feedback] = await village.store.ledger.list('feedback')
  const examples = await village.store.ledger.list('example')
  expect(feedback?.decisionId).toBe(given.village.decision_id)
  expect(JSON.stringify(examples)).not.toContain('Something else')
})

function decisionOf({ village: { decision_id: id } }: Answer): Promise<Decision | null> {
  return village.store.ledger.get('decision', id)
}

async function fetchBands(key = village.firstKey): Promise<readonly BandSummary[]> {
  const headers = { authorization: `Bearer ${key}` }
  const reply = await fetch(`${village.url}/village/cache`, { headers })
  const { semantic } = (await reply.json()) as {
    readonly semantic: { readonly bands: readonly BandSummary[] }
  }
  return semantic.bands
}

function fetchForget(key: string): Promise<Response> {
  return fetch(`${village.url}/village/cache/forget`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
  })
}

async function issueWithBudget(usd: number) {
  return village.ring.issue({ name: 'third', role: 'operator', budgets: dollars(usd) }, 'owner')
}
