import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { seededRandom } from '../src/kernel/random.ts'
import { linesOf, openBatchParts } from './open-batch-parts.ts'
import { temporaryFolder } from './scripted-village.ts'

const child = fileURLToPath(new URL('./batch-crash-child.ts', import.meta.url))
const lines = 240
const kills = 6

test('a batch that is killed at random points answers every line exactly once in its file', async () => {
  const folder = temporaryFolder()
  const random = seededRandom(4)
  let asked = 0

  for (let round = 0; round < kills; round += 1) {
    const killAfter = Math.floor((random() * lines) / kills)
    asked += await workUntilKilled(folder.path, round, killAfter)
  }
  asked += await workUntilKilled(folder.path, kills, Infinity)

  const parts = await openBatchParts({ folder: folder.path, seed: 99 })
  const [batch] = await parts.batches.batches('key_1', { limit: 9 })
  const output = await linesOf(parts.batches, 'key_1', batch?.outputFileId ?? null)
  const files = await parts.batches.files('key_1', { limit: 99 })
  await parts.store.close()
  folder.remove()
  expect(output.map((line) => line.custom_id)).toEqual(
    Array.from({ length: lines }, (_, index) => `r${index}`),
  )
  expect(batch?.counts).toEqual({ total: lines, completed: lines, failed: 0 })
  expect(files.filter(({ purpose }) => purpose === 'batch_output')).toHaveLength(1)
  // What was answered and committed is not asked again: at most what was under way at each kill.
  expect(asked).toBeLessThanOrEqual(lines + kills * 8)
})

/** Gives how many lines were asked. Kills at once at 0, and lets the child end by itself at Infinity. */
async function workUntilKilled(folder: string, round: number, killAfter: number): Promise<number> {
  const working = spawn(process.execPath, [child, folder, String(round + 1), String(lines)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(working, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  let [begun, asked] = [false, 0]
  for await (const line of createInterface({ input: working.stdout })) {
    if (line === 'begun') begun = true
    else asked += 1
    if (begun && asked >= killAfter) working.kill('SIGKILL')
  }
  const [code, signal] = await ended
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`The child ended with ${code}`)
  return asked
}
