import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startVillage } from '../src/app/start-village.ts'
import type { RunningVillage } from '../src/app/start-village.ts'
import { temporaryFolder } from './scripted-village.ts'
import { villageEnvironment } from './start-village.ts'

let folder: ReturnType<typeof temporaryFolder>

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(() => folder.remove())

function start(settings: object): Promise<RunningVillage> {
  writeFileSync(join(folder.path, 'village.json'), JSON.stringify(settings))
  return startVillage({
    environment: villageEnvironment(folder.path),
    port: 0,
    demoTraffic: false,
    seed: 1,
  })
}

async function ask({ url, key }: RunningVillage, content: string): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-openrouter-cache': 'true',
    },
    body: JSON.stringify({
      model: 'village/king',
      messages: [{ role: 'user', content }],
      temperature: 0,
      max_tokens: 16,
    }),
  })
  return ((await response.json()) as { village: { cache: string } }).village.cache
}

test('by the operator’s settings a whole village finds similar requests, after a restart too', async () => {
  const settings = {
    cache: { semantic: { enabled: true }, warming: { enabled: true } },
    learning: { compareMeaning: { enabled: true } },
  }
  let running = await start(settings)
  const first = await ask(running, 'How do I reset my password?')
  const similar = await ask(running, 'How can I reset my password, please?')
  const other = await ask(running, 'Which trains go to Vienna?')
  await running.close()

  running = await start(settings)
  const later = await ask(running, 'Hello! How could I reset my password?')
  await running.close()
  running = await start({})
  const checks = await running.village.store.ledger.list('cache-check')
  await running.close()

  expect([first, similar, other, later]).toEqual(['miss', 'miss', 'miss', 'miss'])
  expect(checks).toHaveLength(2)
  for (const check of checks) {
    expect(check).toMatchObject({ probability: 1, hitDecisionId: null })
    expect(check.measure).toContain('static MiniLM-L6-v2')
    expect(check.similarity).toBeGreaterThan(0.85)
  }
})
