import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { pythonPaths } from '../../src/app/python-side.ts'
import { lastUserText } from '../../src/kernel/chat.ts'
import { temporaryFolder } from '../scripted-village.ts'
import { serveTestVillage } from '../serving-village.ts'
import { startWireVillage } from './wire-village.ts'

/** What pytest prints, whether the checks of the file pass or not. */
async function outputOf(
  file: string,
  village: { readonly url: string; readonly key: string },
): Promise<string> {
  const path = fileURLToPath(new URL(`../python-client/${file}`, import.meta.url))
  const options = ['-B', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--rootdir=/', path]
  const { stdout } = await promisify(execFile)(pythonPaths.python, options, {
    env: { ...process.env, VILLAGE_URL: village.url, VILLAGE_KEY: village.key },
  }).catch((error: { stdout: string }) => error)
  return stdout
}

test('the official Python package works on every wire', async () => {
  await using village = await startWireVillage()

  const output = await outputOf('check_wires.py', village)

  expect(output).toMatch(/\b11 passed\b/)
  expect(output).not.toMatch(/failed|skipped/)
})

test('the official Python package runs a batch', async () => {
  const folder = temporaryFolder()
  const village = await serveTestVillage({
    folder: folder.path,
    seed: 3,
    frontier: ({ messages }) => `An answer to ${lastUserText(messages)}`,
  })

  const output = await outputOf('check_batches.py', { url: village.url, key: village.firstKey })
  await village.close()
  folder.remove()

  expect(output).toMatch(/\b1 passed\b/)
  expect(output).not.toMatch(/failed|skipped/)
})
