import { expect, test } from 'vitest'
import { UnknownModelError } from '../kernel/errors.ts'
import { createManualClock } from '../kernel/manual-clock.ts'
import type { ModelAdapter, ModelCatalogue } from '../kernel/model-adapter.ts'
import { seededRandom } from '../kernel/random.ts'
import { createReplicatedCatalogue } from './replicated-catalogue.ts'
import { failing, hello, scriptedDescription, scriptedModel } from './scripted-model.ts'

const { signal } = new AbortController()
const id = scriptedDescription.id

function keyOf(name: string) {
  const model = scriptedModel(name)
  /** A newer list of the provider hands out another object. */
  const state = { adapter: { ...model } as ModelAdapter, lists: 0 }
  const catalogue: ModelCatalogue = {
    list: async () => {
      state.lists += 1
      return [model.description]
    },
    adapter: async (asked) => {
      if (asked !== id) throw new UnknownModelError(asked, [id])
      return state.adapter
    },
  }
  return { name, model, state, catalogue }
}

function twoKeys() {
  const [first, second] = [keyOf('KEY_1'), keyOf('KEY_2')]
  const catalogue = createReplicatedCatalogue({
    replicas: [first, second],
    clock: createManualClock({ runs: true }),
    random: seededRandom(9),
  })
  return { first, second, catalogue }
}

test('calls are spread over the keys, and a refused key costs no client an error', async () => {
  const { first, second, catalogue } = twoKeys()
  const adapter = await catalogue.adapter(id, signal)
  for (let call = 0; call < 40; call += 1) await adapter.answer(hello, { signal })
  expect(first.model.calls.length).toBeGreaterThan(10)
  expect(second.model.calls.length).toBeGreaterThan(10)

  first.model.always(failing(401))
  for (let call = 0; call < 40; call += 1) {
    const answer = await adapter.answer(hello, { signal })
    expect(answer.text).toBe('KEY_2 speaks')
  }

  expect(catalogue.status()).toMatchObject([{ model: id, replicas: [{ name: 'KEY_1' }, {}] }])
})

test('the list and unknown names are those of the first key', async () => {
  const { first, second, catalogue } = twoKeys()

  await expect(catalogue.list(signal)).resolves.toHaveLength(1)
  await expect(catalogue.adapter('acme/coda', signal)).rejects.toBeInstanceOf(UnknownModelError)

  expect([first.state.lists, second.state.lists]).toEqual([1, 0])
  expect(catalogue.status()).toEqual([])
})

test('what is known of a key outlives a newer list, and the adapter is kept between lists', async () => {
  const { first, catalogue } = twoKeys()
  const adapter = await catalogue.adapter(id, signal)
  expect(await catalogue.adapter(id, signal)).toBe(adapter)
  first.model.always(failing(undefined))
  await Promise.all(Array.from({ length: 30 }, () => adapter.answer(hello, { signal })))
  expect(catalogue.status()[0]?.replicas[0]?.state).toBe('open')

  const description = { ...scriptedDescription, contextLength: 99 }
  first.state.adapter = { ...first.model, description }
  const renewed = await catalogue.adapter(id, signal)

  expect(renewed.description.contextLength).toBe(99)
  expect(catalogue.status()).toMatchObject([{ replicas: [{ state: 'open' }, {}] }])
})

test('a key whose list lacks the model is left out', async () => {
  const { second, catalogue } = twoKeys()
  second.catalogue.adapter = () => Promise.reject(new UnknownModelError(id, []))

  const adapter = await catalogue.adapter(id, signal)

  await expect(adapter.answer(hello, { signal })).resolves.toMatchObject({ text: 'KEY_1 speaks' })
  expect(catalogue.status()[0]?.replicas).toHaveLength(1)
})
