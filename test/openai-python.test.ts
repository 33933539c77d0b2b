import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { pythonPaths } from '../src/app/python-side.ts'
import { startVillage } from './start-village.ts'

const script = fileURLToPath(new URL('./python-client/check_client.py', import.meta.url))

/** pytest's own options keep its cache and its bytecode out of the project. */
const pytestArguments = [
  '-B',
  '-m',
  'pytest',
  '-q',
  '-p',
  'no:cacheprovider',
  '--rootdir=/',
  script,
]

test('the official Python package works against the village', async () => {
  await using village = await startVillage()

  const { stdout } = await promisify(execFile)(pythonPaths.python, pytestArguments, {
    env: { ...process.env, VILLAGE_URL: village.url, VILLAGE_KEY: village.key },
  })

  expect(stdout).toMatch(/\b7 passed\b/)
  expect(stdout).not.toMatch(/failed|skipped/)
})
