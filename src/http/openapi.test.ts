import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, onTestFinished, test } from 'vitest'
import { routes } from './routes.ts'
import { startScriptedServer } from './scripted-village.ts'

type Operation = {
  security?: object[]
  parameters?: { name: string; in: string }[]
  requestBody?: { content: { 'application/json': { schema: object } } }
}
type Description = { openapi: string; paths: Record<string, Record<string, Operation>> }

async function readDescription(): Promise<Description> {
  const server = await startScriptedServer()
  onTestFinished(() => server.close())
  return (await (await fetch(`${server.url}/openapi.json`)).json()) as Description
}

test('describes every route, and which of them need a key', async () => {
  const { openapi, paths } = await readDescription()

  expect(openapi).toBe('3.1.0')
  for (const { method, url, roles } of routes) {
    const path = url.replace(/:(\w+)/, '{$1}').replace('*', '{name}')
    const operation = paths[path]?.[method.toLowerCase()]
    expect({ path, isDescribed: operation !== undefined }).toEqual({ path, isDescribed: true })
    expect(operation?.security !== undefined).toBe(roles !== 'everyone')
  }
})

test('its schemas take what the routes take and refuse what they refuse', async () => {
  const { paths } = await readDescription()
  const schema = paths['/v1/chat/completions']?.['post']?.requestBody?.content['application/json']
  const isTaken = new Ajv2020({ strict: false }).compile(schema?.schema ?? {})
  const messages = [{ role: 'user', content: 'hello' }]

  expect(isTaken({ model: 'village', messages, a_new_field: [1] })).toBe(true)
  expect(isTaken({ model: 'village', messages: [] })).toBe(false)
  expect(isTaken({ model: 'village', messages, temperature: 'hot' })).toBe(false)
})

test('names the filters of the list of models', async () => {
  const { paths } = await readDescription()

  const names = paths['/v1/models']?.['get']?.parameters?.map(({ name }) => name)

  expect(names).toEqual(expect.arrayContaining(['max_price', 'context', 'supported_parameters']))
})
