import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { noBudgets, keyRoles } from '../kernel/api-key.ts'
import { systemClock } from '../kernel/clock.ts'
import { createIds } from '../kernel/ids.ts'
import { nanoUsdFromUsd } from '../kernel/money.ts'
import { seededRandom } from '../kernel/random.ts'
import { hello, startKeyedServer } from './keyed-server.ts'
import { routes } from './routes.ts'
import { readerOf, scriptedAccess, scriptedService, scriptedStatus } from './scripted-village.ts'
import { createServer } from './server.ts'

/** Every route that is registered, with every role: `refuseUndeclared` lets no other route in. */
const table = routes.flatMap(({ method, url, roles }) =>
  roles === 'everyone' ? [] : keyRoles.map((role) => ({ method, url, roles, role })),
)

test('each route lets in the roles that it declares, and no other', async () => {
  const { issue, send } = await startKeyedServer()
  const keys = new Map<string, string>()
  for (const role of keyRoles) keys.set(role, (await issue({ role })).key)

  const wrong: string[] = []
  for (const { method, url, roles, role } of table) {
    const path = url.replace(/:\w+/g, 'some-id').replace('*', 'some/model')
    const controller = new AbortController()
    const { status } = await send(keys.get(role) ?? '', method, path, undefined, controller)
    controller.abort()
    const letIn = status !== 401 && status !== 403
    if (letIn !== roles.includes(role)) wrong.push(`${method} ${url} answered ${role}: ${status}`)
  }

  expect(wrong).toEqual([])
  expect(table.filter(({ roles, role }) => !roles.includes(role)).length).toBeGreaterThan(10)
})

test('a route that does not say who may use it cannot be registered', async () => {
  const app = createServer({
    service: scriptedService(),
    access: scriptedAccess(systemClock),
    status: { current: () => scriptedStatus, subscribe: () => () => undefined },
    trails: { find: async () => null },
    bodyLimitBytes: 1000,
    clock: systemClock,
    ids: createIds(systemClock, seededRandom(1)),
  })
  onTestFinished(() => app.close())

  const forgetting = () => app.get('/v1/forgotten', () => 'everything')

  expect(forgetting).toThrow('GET /v1/forgotten does not say which roles may use it')
})

test('every route but the sign of life and the description needs a key', () => {
  const open = routes.filter(({ roles }) => roles === 'everyone').map(({ url }) => url)

  expect(open).toEqual(['/healthz', '/openapi.json'])
})

test.each(['viewer', 'member'] as const)('a %s cannot change who may do what', async (role) => {
  const { issue, send, access } = await startKeyedServer()
  const { key, record } = await issue({ role })

  const answers = await Promise.all([
    send(key, 'POST', '/v1/keys', { name: 'mine', role: 'owner' }),
    send(key, 'POST', `/v1/keys/${record.id}/rotate`),
    send(key, 'DELETE', `/v1/keys/${record.id}`),
  ])

  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403])
  expect(await access.keys.list()).toEqual([record])
})

test('an operator cannot make itself an owner, nor take over the key of one', async () => {
  const { issue, send } = await startKeyedServer()
  const owner = await issue({ role: 'owner' })
  const { key } = await issue({ role: 'operator' })

  const making = await send(key, 'POST', '/v1/keys', { name: 'mine', role: 'owner' })
  const rotating = await send(key, 'POST', `/v1/keys/${owner.record.id}/rotate`)

  expect([making.status, rotating.status]).toEqual([403, 403])
  expect(await making.json()).toMatchObject({
    error: { type: 'permission_error', code: 'role_not_allowed' },
  })
})

test('a key is made, used, listed without its secret, rotated and revoked over HTTP', async () => {
  const { issue, send } = await startKeyedServer()
  const { key: owner } = await issue({ role: 'owner' })

  const made = await send(owner, 'POST', '/v1/keys', {
    name: 'team',
    allowed_models: ['village'],
    limits: { requests_per_minute: 100 },
    budgets: { daily_usd: 2.5 },
    expires_at: '2999-01-01T00:00:00Z',
  })
  const { key, id, ...record } = (await made.json()) as Record<'key' | 'id', string>
  const used = await send(key, 'POST', '/v1/chat/completions', hello)
  const list = await (await send(owner, 'GET', '/v1/keys')).text()
  const rotated = (await (await send(owner, 'POST', `/v1/keys/${id}/rotate`)).json()) as {
    key: string
  }
  const withOld = await send(key, 'GET', '/v1/key')
  const withNew = await send(rotated.key, 'GET', '/v1/key')
  const revoked = await send(owner, 'DELETE', `/v1/keys/${id}`)
  const withRevoked = await send(rotated.key, 'GET', '/v1/key')

  expect(made.status).toBe(201)
  expect(made.headers.get('cache-control')).toBe('no-store')
  expect(record).toMatchObject({
    object: 'village.key',
    role: 'member',
    allowed_models: ['village'],
    limits: { requests_per_minute: 100, tokens_per_minute: null, concurrent_requests: null },
    budgets: { daily_usd: 2.5, monthly_usd: null, total_usd: null },
    expires_at: '2999-01-01T00:00:00.000Z',
    revoked_at: null,
  })
  expect(used.status).toBe(200)
  expect(list).toContain(id)
  expect(list).not.toContain(key)
  expect(list).not.toMatch(/[0-9a-f]{64}/)
  expect([withOld.status, withNew.status]).toEqual([401, 200])
  expect(await revoked.json()).toEqual({ id, object: 'village.key', deleted: true })
  expect(withRevoked.status).toBe(401)
})

test.each([
  [{ name: '' }, 'name'],
  [{ name: 'x', role: 'king' }, 'role'],
  [{ name: 'x', budgets: { daily_usd: -1 } }, 'budgets.daily_usd'],
  [{ name: 'x', budgets: { weekly_usd: 1 } }, 'budgets'],
  [{ name: 'x', limits: { requests_per_minute: 0.5 } }, 'limits.requests_per_minute'],
  [{ name: 'x', expires_at: 'soon' }, 'expires_at'],
  [{ name: 'x', expires_at: '2001-01-01T00:00:00Z' }, 'expires_at'],
  [{ name: 'x', hash: 'ab12' }, null],
])('refuses the new key %j', async (body, param) => {
  const { issue, send } = await startKeyedServer()
  const { key } = await issue({ role: 'owner' })

  const response = await send(key, 'POST', '/v1/keys', body)

  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { param } })
})

test('a revoked key is refused at once, although it was just let in', async () => {
  const { access, issue, send } = await startKeyedServer()
  const { key, record } = await issue()
  const before = await send(key, 'GET', '/v1/models')

  await access.keys.revoke(record.id, 'owner')
  const afterwards = await send(key, 'GET', '/v1/models')

  expect([before.status, afterwards.status]).toEqual([200, 401])
})

test('a stream of the status ends when its key is revoked', async () => {
  const { access, issue, send } = await startKeyedServer()
  await issue({ role: 'owner' })
  const { key, record } = await issue({ role: 'viewer' })
  const reader = readerOf(await send(key, 'GET', '/village/events'))
  await reader.read()

  await access.keys.revoke(record.id, 'owner')

  expect((await reader.read()).done).toBe(true)
})

test('a key that begins like a known one is unknown, however often the known one was used', async () => {
  const { issue, send } = await startKeyedServer()
  const { key } = await issue()
  for (let index = 0; index < 3; index += 1) await send(key, 'GET', '/v1/models')

  const others = await Promise.all(
    [key.slice(0, -1), `${key}a`, `${key.slice(0, 20)}${'x'.repeat(15)}`, key.toUpperCase()].map(
      (other) => send(other, 'GET', '/v1/models'),
    ),
  )

  expect(others.map(({ status }) => status)).toEqual([401, 401, 401, 401])
})

test('shows the own key as OpenRouter does', async () => {
  const { access, issue, send } = await startKeyedServer()
  const budgets = { ...noBudgets, day: nanoUsdFromUsd(2), total: nanoUsdFromUsd(100) }
  const { key, record } = await issue({ name: 'team', budgets })
  access.spending.charge(record.id, nanoUsdFromUsd(0.25), Date.now())

  const response = await send(key, 'GET', '/v1/key')

  const { data } = (await response.json()) as { data: object }
  expect(data).toMatchObject({
    label: 'team',
    limit: 2,
    limit_remaining: 1.75,
    limit_reset: 'daily',
    usage: 0.25,
    usage_daily: 0.25,
    is_management_key: false,
    expires_at: null,
    creator_user_id: null,
    include_byok_in_limit: false,
  })
})

test('no key stands in a log or an answer, wherever it was put', async () => {
  const service = {
    ...scriptedService(),
    answer: () => Promise.reject(new Error('a bug')),
  }
  const { url, issue, send, logged } = await startKeyedServer({ service })
  const { key } = await issue({ role: 'owner' })
  const wrong = 'vk-WrongButSecret0123456789abcdef'

  const answers = await Promise.all([
    send(key, 'POST', '/v1/chat/completions', hello),
    send(wrong, 'POST', '/v1/chat/completions', hello),
    send(key, 'POST', `/v1/keys/${wrong}/rotate`),
    send(key, 'DELETE', `/v1/keys/${wrong}`),
    fetch(`${url}/v1/models?api_key=${wrong}`),
    fetch(`${url}/v1/nowhere?api_key=${wrong}`),
  ])

  const said = (await Promise.all(answers.map((answer) => answer.text()))).join('\n')
  const logs = logged.map((one) => (one instanceof Error ? String(one.stack) : inspect(one)))
  for (const secret of [key, wrong]) {
    expect(said).not.toContain(secret)
    expect(logs.join('\n')).not.toContain(secret)
  }
  expect(logged).not.toEqual([])
})

function inspect(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    inner instanceof Error ? `${inner.message} ${inner.stack ?? ''}` : inner,
  )
}

test('a refused request is answered before its body has come', async () => {
  const { url, issue } = await startKeyedServer()
  const { key } = await issue({ role: 'viewer' })
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())

  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n` +
      'content-type: application/json\r\ncontent-length: 100000\r\n\r\n{"mod',
  )
  const [first] = (await new Promise((resolve) => {
    socket.once('data', (data: Buffer) => resolve([data.toString()]))
  })) as [string]

  expect(first).toMatch(/^HTTP\/1\.1 403 /)
})
