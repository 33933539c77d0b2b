import { expect, test } from 'vitest'
import type { ChatRequest } from '../../kernel/chat.ts'
import { pick, seededRandom } from '../../kernel/random.ts'
import type { Random } from '../../kernel/random.ts'
import { featuresOf } from '../../routing/features.ts'
import { FormedKinds } from './formed-kinds.ts'

const request = (text: string, isFormed: boolean): ChatRequest => ({
  messages: [{ role: 'user', content: text }],
  sampling: {},
  ...(isFormed && { extra: { response_format: { type: 'json_object' } } }),
})

function assign(kinds: FormedKinds, text: string, isFormed: boolean) {
  const asked = request(text, isFormed)
  return kinds.assign('king', featuresOf(asked.messages), asked)
}

test('the same question is of another kind when its answer is held to JSON', () => {
  const kinds = new FormedKinds()
  const text = 'Sort ticket 7 of the customer into a queue'

  const plain = assign(kinds, text, false)
  const formed = assign(kinds, text, true)
  const features = featuresOf(request(text, true).messages)

  expect(formed.name).toBe(`${plain.name}+json`)
  expect(kinds.nearestName('king', features, formed.name)).toBe(formed.name)
  expect(kinds.nearestName('king', features, plain.name)).toBe(plain.name)
  expect(kinds.currentName('king', formed.name)).toBe(formed.name)
})

test('kinds that turn out to be one are joined in both forms', () => {
  const kinds = new FormedKinds()
  const random = seededRandom(3)
  const texts = Array.from({ length: 400 }, () => note(random))

  const [plain, formed] =
    texts.map((text) => assign(kinds, text, false).merged).find((pairs) => pairs.length > 0) ?? []

  const current = kinds.currentName('king', plain?.from ?? '')
  expect(plain?.from).toMatch(/^king-\d+$/)
  expect(formed).toEqual({ from: `${plain?.from}+json`, into: `${plain?.into}+json` })
  expect(kinds.currentName('king', `${plain?.from}+json`)).toBe(`${current}+json`)
})

const values = {
  name: ['Orla', 'Bram', 'Ines', 'Tariq', 'Wenda', 'Yusuf', 'Greta', 'Pavel', 'Luz', 'Hoshi'],
  town: ['Lyme', 'Graz', 'Turku', 'Bergen', 'Osaka', 'Quito', 'Perth', 'Lugano', 'Split'],
  thing: ['kettle', 'ladder', 'mirror', 'saddle', 'lantern', 'violin', 'carpet', 'boat'],
}
const templates = [
  'Note: The {thing} in {town} is kept by {name}. Question: Who keeps the {thing}?',
  'Note: {name} keeps the {thing} in {town}. Question: Where is the {thing}?',
  'Note: {town} has had a {thing}. It is looked after by {name}. Question: Where is it?',
  'Convert this address to one line: {name}, {thing} street, {town}.',
]

/** A short text that is mostly values: the first of them look like several kinds. */
function note(random: Random): string {
  return pick(templates, random).replaceAll(
    /\{(name|town|thing)\}/g,
    (_, slot: keyof typeof values) => pick(values[slot], random),
  )
}
