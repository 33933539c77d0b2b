import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startVillage } from '../src/app/start-village.ts'
import type { RunningVillage } from '../src/app/start-village.ts'
import { writeRandomAdapter } from '../src/models/llama-cpp/random-adapter.ts'
import { studentShape } from '../src/models/llama-cpp/test-student.ts'
import { temporaryFolder } from './scripted-village.ts'
import { villageEnvironment } from './start-village.ts'

test('answers of a local model are forgotten when its weights change, and only then', async () => {
  const folder = temporaryFolder()
  const start = (): Promise<RunningVillage> =>
    startVillage({ environment: villageEnvironment(folder.path), port: 0, demoTraffic: false })
  const weightsFolder = join(folder.path, 'weights')
  mkdirSync(weightsFolder, { recursive: true })
  const weights = await writeRandomAdapter({
    ...(await studentShape()),
    folder: weightsFolder,
    seed: 1,
    strength: 1,
    name: 'adapter.gguf',
  })

  let running = await start()
  const bare = [await ask(running, 'local/king'), await ask(running, 'local/king')]
  const ofSage = await ask(running, 'local/sage')
  await running.village.cycle.forceServe('king', weights)
  const changed = [await ask(running, 'local/king'), await ask(running, 'local/king')]
  const ofSageThen = await ask(running, 'local/sage')
  await running.close()
  running = await start()
  const restarted = await ask(running, 'local/king')
  await running.village.cycle.forceServe('king', null)
  const rolledBack = await ask(running, 'local/king')
  await running.close()
  folder.remove()

  expect(bare.map(({ cache }) => cache)).toEqual(['miss', 'hit'])
  expect(changed.map(({ cache }) => cache)).toEqual(['miss', 'hit'])
  expect(changed.map(({ checkpoint }) => checkpoint)).toEqual([weights.hash, weights.hash])
  expect([ofSage.cache, ofSageThen.cache]).toEqual(['miss', 'hit'])
  expect(restarted).toMatchObject({ cache: 'hit', checkpoint: weights.hash })
  expect(rolledBack).toMatchObject({ cache: 'miss', checkpoint: null })
})

type Block = { readonly cache: string; readonly checkpoint: string | null }

async function ask({ url, key }: RunningVillage, model: string): Promise<Block> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-openrouter-cache': 'true',
    },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: 'Sort this message: my parcel is late' }],
      temperature: 0,
      max_tokens: 8,
    }),
  })
  return ((await response.json()) as { village: Block }).village
}
