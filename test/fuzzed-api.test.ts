import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pythonPaths } from '../src/app/python-side.ts'
import { startVillage, type StartedVillage } from './start-village.ts'

let village: StartedVillage
beforeAll(async () => {
  village = await startVillage({
    settings: { frontier: { requestsPerMinute: 1_000_000 } },
    environment: { VILLAGE_SIMULATED_LATENCY: 'none' },
  })
})
afterAll(() => village[Symbol.asyncDispose]())

const schemathesis = fileURLToPath(new URL('schemathesis', `file://${pythonPaths.python}`))
const hooks = fileURLToPath(new URL('./fuzzed-api/hooks.py', import.meta.url))
/** They are called with the key that they may take away, so that they come last and with their own. */
const ofOneKey = ['--include-path', '/v1/keys/{id}', '--include-path', '/v1/keys/{id}/rotate']

test('no input makes a route answer with 5xx', async () => {
  const key = await ownerKey()

  const { code, output } = await fuzz(key, [
    // The same routes stand under /api/v1, too; the events never end.
    '--exclude-path-regex',
    '^/(api/v1|village/events)',
    ...ofOneKey.map((option) => option.replace('--include', '--exclude')),
  ])

  expect({ code, output }).toEqual({ code: 0, output: containing('No issues found') })
  expect(casesOf(output)).toBeGreaterThan(500)
  // Were everything refused at the door, nothing would be shown.
  expect(await answersTo(key)).toBeGreaterThan(20)
})

test('no input makes the routes of one key answer with 5xx', async () => {
  const { code, output } = await fuzz(await ownerKey(), ofOneKey)

  expect({ code, output }).toEqual({ code: 0, output: containing('No issues found') })
  expect(casesOf(output)).toBeGreaterThan(20)
})

async function ownerKey(): Promise<string> {
  const made = await call('POST', '/v1/keys', village.key, { name: 'fuzz', role: 'owner' })
  return ((await made.json()) as { key: string }).key
}

/** Of all of the village's answers, which the key must still be allowed to see. */
async function answersTo(key: string): Promise<number> {
  const status = await call('GET', '/village/status', key)
  expect(status.status).toBe(200)
  const { totals } = (await status.json()) as { totals: { tasks: number } }
  return totals.tasks
}

function call(method: string, path: string, key: string, body?: object): Promise<Response> {
  return fetch(`${village.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/** It takes about 15 s, and longer beside other work. */
const longestRunMs = 200_000

async function fuzz(key: string, routes: readonly string[]) {
  const options = [
    'run',
    `${village.url}/openapi.json`,
    '--header',
    `authorization: Bearer ${key}`,
    ...'--checks not_a_server_error --phases coverage,fuzzing --seed 1 --max-examples 5'.split(' '),
    ...'--no-shrink --suppress-health-check all --warnings off --no-color'.split(' '),
    ...routes,
  ]
  const environment = { ...process.env, SCHEMATHESIS_HOOKS: hooks, PYTHONDONTWRITEBYTECODE: '1' }
  try {
    const { stdout } = await promisify(execFile)(schemathesis, options, {
      env: environment,
      cwd: village.home,
      maxBuffer: 2 ** 26,
      timeout: longestRunMs,
    })
    return { output: stdout, code: 0 }
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number }
    return { output: `${stdout}\n${stderr}`, code }
  }
}

function casesOf(output: string): number {
  return Number(/(\d+) generated/.exec(output)?.[1])
}

function containing(text: string): string {
  return expect.stringContaining(text) as string
}
