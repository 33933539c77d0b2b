import { expect, test } from 'vitest'
import { pick, seededRandom } from '../kernel/random.ts'
import type { Random } from '../kernel/random.ts'
import { featuresOf } from './features.ts'
import { TaskKinds } from './task-kinds.ts'

const templates = [
  'Put the complaint of {name} from {town} about a {thing} into one of our five folders.',
  'Which folder? {name} writes from {town}: the {thing} number {number} is broken.',
  'Convert this address to one line: {name}, {number} {thing} street, {town}.',
  'How many days lie between day {number} and day {number}?',
  'Write a haiku about a {thing} in {town} for {name}.',
]
const values = {
  name: ['Orla', 'Bram', 'Ines', 'Tariq', 'Wenda', 'Yusuf', 'Greta', 'Pavel', 'Luz', 'Hoshi'],
  town: ['Lyme', 'Graz', 'Turku', 'Bergen', 'Osaka', 'Quito', 'Perth', 'Lugano', 'Split'],
  thing: ['kettle', 'ladder', 'mirror', 'saddle', 'lantern', 'violin', 'carpet', 'rowing boat'],
}

function prompt(template: string, random: Random): string {
  return template
    .replaceAll('{number}', () => String(Math.floor(random() * 900) + 10))
    .replaceAll(/\{(name|town|thing)\}/g, (_, slot: keyof typeof values) =>
      pick(values[slot], random),
    )
}

const features = (text: string) => featuresOf([{ role: 'user', content: text }])

function grownKinds(seed: number, tasks: number) {
  const random = seededRandom(seed)
  const kinds = new TaskKinds()
  const assigned: { template: string; kind: string }[] = []
  for (let task = 0; task < tasks; task += 1) {
    const template = pick(templates, random)
    const kind = kinds.assign('king', features(prompt(template, random))).name
    assigned.push({ template, kind })
  }
  return { kinds, assigned }
}

test('puts one template together whatever fills it, and different templates apart', () => {
  const { assigned } = grownKinds(1, 600)

  const settled = assigned.slice(150)
  for (const template of templates) {
    const own = settled.filter((task) => task.template === template)
    const names = own.map((task) => task.kind)
    const main = names.toSorted(
      (a, b) => names.filter((n) => n === b).length - names.filter((n) => n === a).length,
    )[0]
    const strangers = settled.filter((task) => task.kind === main && task.template !== template)
    expect(names.filter((name) => name === main).length / own.length).toBeGreaterThan(0.95)
    expect(strangers).toEqual([])
  }
})

test('joins kinds that turn out to be one, and tells under which name they go on', () => {
  const random = seededRandom(7)
  const kinds = new TaskKinds()
  const merged: { from: string; into: string }[] = []
  // Short texts that are mostly values: the first of them look like several kinds.
  const notes = [
    'The {thing} in {town} is kept by {name}. It came in {number}.',
    'In {number} a {thing} came to {town}. Its keeper is {name}.',
    '{name} keeps the {thing} in {town}. It dates from {number}.',
    'Since {number} {town} has had a {thing}. It is looked after by {name}.',
  ]
  const questions = [
    'Who keeps the {thing}?',
    'Where is the {thing}?',
    'When did the {thing} come?',
  ]
  const note = () => `Note: ${pick(notes, random)} Question: ${pick(questions, random)}`
  const texts = Array.from({ length: 400 }, (_, at) =>
    prompt(at % 3 === 0 ? pick(templates, random) : note(), random),
  )

  for (const text of texts) {
    const kind = kinds.assign('king', features(text))
    if (kind.merged !== null) merged.push(kind.merged)
  }

  expect(merged.length).toBeGreaterThan(0)
  const names = kinds.list('king').map(({ name }) => name)
  for (const { from, into } of merged) {
    expect(names).not.toContain(from)
    expect(names).toContain(kinds.currentName('king', into))
    expect(kinds.currentName('king', from)).toBe(kinds.currentName('king', into))
  }
  const total = kinds.list('king').reduce((sum, kind) => sum + kind.tasks, 0)
  expect(total).toBeGreaterThanOrEqual(390)
})

test('finds the kind of a task again without learning from it', () => {
  const { kinds, assigned } = grownKinds(8, 300)
  const before = kinds.snapshot()
  const random = seededRandom(11)
  const haiku = templates[4] ?? ''
  const own = assigned.findLast(({ template }) => template === haiku)?.kind

  const found = kinds.nearestName('king', features(prompt(haiku, random)), 'king-1')
  const unlike = kinds.nearestName('king', features('Zzyzx qwrt plmk'), 'king-99')

  expect(found).toBe(own)
  expect(unlike).toBe('king-99')
  expect(kinds.snapshot()).toEqual(before)
})

test('gives the same kinds for the same tasks in the same order', () => {
  const first = grownKinds(2, 200).assigned

  const second = grownKinds(2, 200).assigned

  expect(second).toEqual(first)
})

test('goes on with the same kinds after a snapshot is restored', () => {
  const { kinds } = grownKinds(3, 300)
  const restored = new TaskKinds()
  restored.restore(JSON.parse(JSON.stringify(kinds.snapshot())))
  const random = seededRandom(9)
  const later = Array.from({ length: 100 }, () => features(prompt(pick(templates, random), random)))

  const expected = later.map((task) => kinds.assign('king', task).name)
  const found = later.map((task) => restored.assign('king', task).name)

  expect(found).toEqual(expected)
})

test('never holds more kinds than allowed, and one for what is like nothing else', () => {
  const random = seededRandom(4)
  const letters = 'abcdefghijklmnopqrstuvwxyz'.split('')
  const word = () => Array.from({ length: 8 }, () => pick(letters, random)).join('')
  const kinds = new TaskKinds()

  for (let task = 0; task < 60; task += 1) {
    const text = Array.from({ length: 12 }, word).join(' ')
    for (let repeat = 0; repeat < 5; repeat += 1) kinds.assign('sage', features(text))
  }

  const names = kinds.list('sage').map((kind) => kind.name)
  expect(names.length).toBeLessThanOrEqual(25)
  expect(names).toContain('sage-other')
})

test('names a kind by words of its template', () => {
  const { kinds } = grownKinds(5, 400)

  const labels = kinds.list('king').map((kind) => kind.label)

  expect(labels.some((label) => label.includes('haiku'))).toBe(true)
  expect(labels.join(' ')).not.toMatch(/Orla|Bram|Graz/i)
})

test('ignores a snapshot of another version', () => {
  const { kinds } = grownKinds(6, 20)

  const taken = new TaskKinds().restore({ ...kinds.snapshot(), version: 2 as 1 })

  expect(taken).toBe(false)
})
