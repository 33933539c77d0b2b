import { expect, test } from 'vitest'
import { NotReadyError, UnknownModelError } from '../kernel/errors.ts'
import type { LocalModels, ModelAdapter, ModelCatalogue } from '../kernel/model-adapter.ts'
import { createModelRegistry } from './registry.ts'

const { signal } = new AbortController()
const named = (id: string) => ({ description: { id } }) as ModelAdapter
const catalogue: ModelCatalogue = {
  list: async () => [named('vendor/echo').description],
  adapter: async (id) => {
    if (id === 'vendor/echo') return named(id)
    throw new UnknownModelError(id, ['vendor/echo'])
  },
}
const localModels = { forAgent: (agent) => named(`local/${agent}`) } as LocalModels
const options = { catalogue, agents: ['king', 'sage'], otherNames: ['village'] }

test('a slug comes from the list of the provider, a local name from the local models', async () => {
  const registry = createModelRegistry({ ...options, localModels: () => localModels })

  const frontier = await registry.adapter('vendor/echo', signal)
  const local = await registry.adapter('local/king', signal)

  expect(frontier.description.id).toBe('vendor/echo')
  expect(local.description.id).toBe('local/king')
})

test('the list holds the local models and those of the provider', async () => {
  const registry = createModelRegistry({ ...options, localModels: () => localModels })

  const ids = (await registry.list(signal)).map((model) => model.id)

  expect(ids).toEqual(['local/king', 'local/sage', 'vendor/echo'])
})

test.each([
  ['local/kin', ['local/king']],
  ['vilage', ['village', 'vendor/echo']],
])('the unknown name %s is refused with names close to it', async (name, closeModels) => {
  const registry = createModelRegistry({ ...options, localModels: () => localModels })

  const call = registry.adapter(name, signal)

  await expect(call).rejects.toBeInstanceOf(UnknownModelError)
  await expect(call).rejects.toMatchObject({ closeModels })
})

test('a local name says so while the local models are being started', async () => {
  const registry = createModelRegistry({ ...options, localModels: () => undefined })

  const call = registry.adapter('local/king', signal)

  await expect(call).rejects.toBeInstanceOf(NotReadyError)
})
