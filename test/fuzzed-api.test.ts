import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pythonPaths } from '../src/app/python-side.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { createIds } from '../src/kernel/ids.ts'
import { seededRandom } from '../src/kernel/random.ts'
import { issueKey } from '../src/village/key-ring.ts'
import { temporaryFolder } from './scripted-village.ts'
import { serveTestVillage, type ServedTestVillage } from './serving-village.ts'

let folder: ReturnType<typeof temporaryFolder>
let village: ServedTestVillage
beforeAll(async () => {
  folder = temporaryFolder()
  village = await serveTestVillage({ folder: folder.path, seed: 5, frontier: () => 'An answer.' })
})
afterAll(async () => {
  await village.close()
  folder.remove()
})

const schemathesis = fileURLToPath(new URL('schemathesis', `file://${pythonPaths.python}`))
const hooks = fileURLToPath(new URL('./fuzzed-api/hooks.py', import.meta.url))
const ids = createIds(systemClock, seededRandom(77))
/** They are called with the key that they may take away, so that they come last and with their own. */
const ofOneKey = ['--include-path', '/v1/keys/{id}', '--include-path', '/v1/keys/{id}/rotate']

test.each([
  {
    // The same routes stand under /api/v1, too; the events never end.
    what: 'every route',
    routes: [
      ...['--exclude-path-regex', '^/(api/v1|village/events)'],
      ...ofOneKey.map((option) => option.replace('--include', '--exclude')),
    ],
    leastCases: 500,
    leastAnswers: 50,
  },
  { what: 'the routes of one key', routes: ofOneKey, leastCases: 20, leastAnswers: 0 },
])('no input makes $what answer with 5xx', async ({ routes, ...least }) => {
  const owner = { name: 'fuzz', role: 'owner' } as const
  const { key } = await issueKey(owner, { keys: village.store.keys, clock: systemClock, ids })

  const { stdout, code } = await run([
    'run',
    `${village.url}/openapi.json`,
    ...['--header', `authorization: Bearer ${key}`],
    ...['--checks', 'not_a_server_error', '--phases', 'coverage,fuzzing'],
    ...['--seed', '1', '--max-examples', '5', '--no-shrink'],
    ...['--suppress-health-check', 'all', '--warnings', 'off', '--no-color'],
    ...routes,
  ])

  const cases = Number(/(\d+) generated/.exec(stdout)?.[1])
  expect(code, stdout).toBe(0)
  expect(stdout).toContain('No issues found')
  expect(cases).toBeGreaterThanOrEqual(least.leastCases)
  expect(village.errors).toEqual([])
  // Were everything refused at the door, nothing would be shown.
  const answers = await village.store.ledger.list('interaction')
  expect(answers.length).toBeGreaterThanOrEqual(least.leastAnswers)
})

/** It takes about 15 s, and longer beside other work. */
const longestRunMs = 200_000

async function run(options: readonly string[]): Promise<{ stdout: string; code: number }> {
  const environment = { ...process.env, SCHEMATHESIS_HOOKS: hooks, PYTHONDONTWRITEBYTECODE: '1' }
  try {
    const { stdout } = await promisify(execFile)(schemathesis, options, {
      env: environment,
      cwd: folder.path,
      maxBuffer: 2 ** 26,
      timeout: longestRunMs,
    })
    return { stdout, code: 0 }
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number }
    return { stdout: `${stdout}\n${stderr}`, code }
  }
}
