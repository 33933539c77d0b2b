import { expect, test } from 'vitest'
import { VillageSettings } from './settings.ts'

const server = (baseUrl: string) => ({ servers: { north: { baseUrl } } })

const model = (name: string, replicas: readonly object[]) => ({
  servers: { north: { baseUrl: 'http://10.0.0.5:8000/v1' } },
  models: { [name]: { replicas } },
})

function problems(settings: object): readonly string[] {
  const parsed = VillageSettings.safeParse(settings)
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

test('a village without servers needs no word about them', () => {
  const settings = VillageSettings.parse({})

  expect(settings).toMatchObject({ servers: {}, models: {} })
  expect(settings.frontier.apiKeyVariables).toEqual(['OPENROUTER_API_KEY'])
})

test.each([
  'http://10.0.0.5:8000/v1',
  'https://llm.example.org/v1',
  'http://[::1]:11434/v1',
  'http://localhost:1234',
])('%s is an address of a server', (baseUrl) => {
  expect(problems(server(baseUrl))).toEqual([])
})

test.each([
  'llm.example.org/v1',
  'ftp://llm.example.org/v1',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'http://user:secret@llm.example.org/v1',
  'http://@llm.example.org/v1',
  'http://llm.example.org/v1?key=1',
  'http://llm.example.org/v1#',
  'http:\\\\llm.example.org\\v1',
  'http://llm.example.org/v1 ',
  'http://llm.example.org/\nv1',
  '',
])('%j is refused, with what is expected', (baseUrl) => {
  const [problem] = problems(server(baseUrl))

  expect(problem).toContain('servers.north.baseUrl: expected an address such as')
})

test.each([
  'village',
  'village/king',
  'local/king',
  'Local/anything',
  'auto',
  'openrouter/auto',
  'a b',
  '../up',
  'x@y',
  '',
])('a model cannot be called %j', (name) => {
  const [problem] = problems(model(name, [{ server: 'north' }]))

  expect(problem).toMatch(/expected a name such as|are taken/)
})

test.each(['acme/coder', 'coder', 'acme/coder:large', 'acme/coder-2.5_x'])(
  'a model can be called %j',
  (name) => {
    expect(problems(model(name, [{ server: 'north' }]))).toEqual([])
  },
)

test.each([
  [[], 'models.acme/coder.replicas'],
  [[{ server: 'south' }], 'there is no server "south" under "servers"'],
  [[{ server: 'toString' }], 'there is no server "toString"'],
  [[{ server: 'north' }, { server: 'north' }], 'is a replica of this model already'],
  [[{ server: 'north', weight: 0 }], 'models.acme/coder.replicas.0.weight'],
  [[{ server: 'north', apiKey: 'sk-secret' }], 'Unrecognized key'],
])('replicas %j are refused: %s', (replicas, problem) => {
  expect(problems(model('acme/coder', replicas)).join()).toContain(problem)
})

test('a server is called by a plain word', () => {
  const settings = { servers: { 'north@evil.example': { baseUrl: 'http://10.0.0.5/v1' } } }

  expect(problems(settings).join()).toContain('a server is called by letters')
})

test('a key cannot stand in the settings', () => {
  const settings = { servers: { north: { baseUrl: 'http://10.0.0.5/v1', apiKey: 'sk-secret' } } }

  expect(problems(settings).join()).toContain('Unrecognized key')
})
