import { expect, onTestFinished, test } from 'vitest'
import { scriptedKey, startScriptedServer } from '../http/scripted-village.ts'
import type { ChatEvent, ChatRequest } from '../kernel/chat.ts'
import { systemClock } from '../kernel/clock.ts'
import { InvalidRequestError } from '../kernel/errors.ts'
import { seededRandom } from '../kernel/random.ts'
import { startTestDouble } from '../models/chat-completions/test-double.ts'
import { VillageSettings } from '../village/settings.ts'
import { createFrontierCatalogue } from './frontier-catalogue.ts'
import { createOwnModels } from './own-models.ts'

const { signal } = new AbortController()
const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello' }], sampling: {} }

async function twoServers() {
  const doubles = [await startTestDouble(), await startTestDouble()] as const
  const [north, south] = doubles
  const settings = {
    servers: { north: { baseUrl: north.baseUrl }, south: { baseUrl: south.baseUrl } },
    models: { 'acme/coder': { replicas: [{ server: 'north' }, { server: 'south' }] } },
  }
  return {
    north,
    south,
    settings,
    close: () => Promise.all(doubles.map((double) => double.close().catch(() => undefined))),
  }
}

function open(settings: object, environment: NodeJS.ProcessEnv = {}) {
  const models = createOwnModels({
    settings: VillageSettings.parse(settings),
    environment,
    clock: systemClock,
    random: seededRandom(1),
  })
  onTestFinished(() => models.close())
  return models
}

test('a server that dies under load costs no client an error', async () => {
  const { north, settings, close } = await twoServers()
  const adapter = open(settings).adapter('acme/coder')
  const ask = async (index: number) =>
    adapter?.answer({ ...hello, messages: [{ role: 'user', content: `${index}` }] }, { signal })
  await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index)))

  const during = Array.from({ length: 40 }, (_, index) => ask(index))
  await north.close()
  const after = Array.from({ length: 40 }, (_, index) => ask(index))
  const answers = await Promise.all([...during, ...after])

  expect(answers.map((answer) => answer?.text)).toEqual(
    [...during, ...after].map((_, index) => expect.stringContaining(`You said: ${index % 40}`)),
  )
  await close()
})

test('a changed file drains one server and shifts the weight to another', async () => {
  const { north, south, settings, close } = await twoServers()
  const models = open(settings)
  const adapter = models.adapter('acme/coder')

  models.apply(
    VillageSettings.parse({
      ...settings,
      models: {
        'acme/coder': { replicas: [{ server: 'north', draining: true }, { server: 'south' }] },
        'acme/later': { replicas: [{ server: 'south' }] },
      },
    }),
  )
  for (let call = 0; call < 10; call += 1) await adapter?.answer(hello, { signal })

  const called = ({ requests }: typeof north): number =>
    requests.filter(({ path }) => path.endsWith('/chat/completions')).length
  expect([called(north), called(south)]).toEqual([0, 10])
  expect(models.status()).toMatchObject([
    { model: 'acme/coder', replicas: [{ name: 'north', draining: true }, { draining: false }] },
  ])
  await close()
})

test('the key comes from the environment, and a missing one is said at the start', async () => {
  const { north, settings, close } = await twoServers()
  const withKey = {
    ...settings,
    servers: { ...settings.servers, north: { ...settings.servers.north, apiKeyVariable: 'N_KEY' } },
    models: { 'acme/coder': { replicas: [{ server: 'north' }] } },
  }

  expect(() => open(withKey)).toThrow(InvalidRequestError)
  expect(() => open(withKey)).toThrow('takes its key from N_KEY, which is not set')
  await open(withKey, { N_KEY: 'sk-north' }).adapter('acme/coder')?.answer(hello, { signal })

  expect(north.requests.at(-1)?.headers.authorization).toBe('Bearer sk-north')
  await close()
})

test('another village can be a replica', async () => {
  const other = await startScriptedServer()
  const { north, settings, close } = await twoServers()
  const models = open(
    {
      servers: {
        ...settings.servers,
        village: { baseUrl: `${other.url}/v1`, apiKeyVariable: 'OTHER_VILLAGE' },
      },
      models: {
        'acme/coder': {
          replicas: [{ server: 'north' }, { server: 'village', model: 'village/king' }],
        },
      },
    },
    { OTHER_VILLAGE: scriptedKey },
  )
  await north.close()
  const adapter = models.adapter('acme/coder')

  const answer = await adapter?.answer(hello, { signal })
  const events: ChatEvent[] = []
  for await (const event of adapter?.stream(hello, { signal }) ?? []) events.push(event)

  expect(answer).toMatchObject({ text: 'Hello there', model: 'acme/coder' })
  expect(events.map((event) => (event.type === 'text' ? event.text : ''))).toEqual([
    'Hello',
    ' there',
    '',
  ])
  await close()
  await other.close()
})

test('own models stand before those of the provider, in the list and by name', async () => {
  const { settings, close } = await twoServers()
  const provider = await startTestDouble()
  const own = { ...settings.models, 'vendor/echo': { replicas: [{ server: 'north' }] } }
  const catalogue = createFrontierCatalogue({
    settings: VillageSettings.parse({ ...settings, models: own }),
    frontier: { baseUrl: provider.baseUrl, apiKey: 'sk', simulated: true },
    environment: {},
    clock: systemClock,
    random: seededRandom(1),
  })

  const ids = (await catalogue.list(signal)).map(({ id }) => id)
  const adapter = await catalogue.adapter('vendor/echo', signal)
  const unknown = catalogue.adapter('acme/codr', signal)

  expect(ids.filter((id) => id === 'vendor/echo')).toHaveLength(1)
  expect(ids).toContain('acme/coder')
  expect(adapter.description.simulated).toBe(false)
  await expect(unknown).rejects.toMatchObject({ closeModels: ['acme/coder'] })
  await catalogue.close()
  await Promise.all([provider.close(), close()])
})

test('with several keys of the provider a refused one costs nothing', async () => {
  const provider = await startTestDouble()
  const catalogue = createFrontierCatalogue({
    settings: VillageSettings.parse({ frontier: { apiKeyVariables: ['FIRST', 'SECOND'] } }),
    frontier: {
      baseUrl: provider.baseUrl,
      apiKey: 'sk-first',
      simulated: true,
      otherKeys: [{ name: 'SECOND', apiKey: 'sk-second' }],
    },
    environment: {},
    clock: systemClock,
    random: seededRandom(1),
  })
  const refuseFirst = (): void =>
    provider.reply((request, response) => {
      const refused = request.headers.authorization === 'Bearer sk-first'
      response.writeHead(refused ? 401 : 200, { 'content-type': 'application/json' })
      const choices = [{ message: { content: 'Hi' }, finish_reason: 'stop' }]
      response.end(JSON.stringify(refused ? { error: { message: 'no' } } : { choices }))
    })
  const adapter = await catalogue.adapter('vendor/echo', signal)

  for (let call = 0; call < 20; call += 1) {
    refuseFirst()
    refuseFirst()
    await expect(adapter.answer(hello, { signal })).resolves.toBeDefined()
  }

  expect(catalogue.replicas()).toMatchObject([
    { model: 'vendor/echo', replicas: [{ name: 'FIRST' }, { name: 'SECOND', state: 'closed' }] },
  ])
  expect(JSON.stringify(catalogue.replicas())).not.toContain('sk-')
  await catalogue.close()
  await provider.close()
})
