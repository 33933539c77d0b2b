import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { gainArea } from './gain-area.ts'
import { GainModel } from './gain-model.ts'
import type { GainLabel } from './gain-model.ts'
import { profileOf } from './text-profile.ts'

const subjects = ['harbour', 'meadow', 'copper', 'violet', 'granite', 'saddle', 'timber', 'orchard']

/** Questions of law are hard for the local model, long ones a little, others not. */
function labelsOf(count: number, seed: number): readonly GainLabel[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const isLaw = random() < 0.3
    const words = Math.floor(5 + random() * 40)
    const filler = Array.from({ length: words }, () => subjects[Math.floor(random() * 8)])
    const text = `${isLaw ? 'which statute and court ruling' : 'which colour and place'} ${filler.join(' ')}?`
    const chance = (isLaw ? 0.45 : 0.95) - words / 400
    return {
      request: profileOf(text),
      answer: null,
      signals: new Float32Array(),
      localRight: random() < chance,
      frontierRight: random() < 0.95,
    }
  })
}

const unseen = labelsOf(800, 99)
const gains = unseen.map(
  ({ localRight, frontierRight }) => Number(frontierRight) - Number(localRight),
)

function areaOf(score: (label: GainLabel) => number): number {
  return gainArea(
    unseen.map((label) => score(label)),
    gains,
  )
}

const byLength = areaOf(({ request }) => request.structure[0] ?? 0)

test('learns from words which tasks the frontier is worth', () => {
  const model = GainModel.fit(labelsOf(400, 1), { signalNames: [] })

  expect(model.choice).toBe('mean with length')
  expect(areaOf((label) => model.score(label))).toBeGreaterThan(1.2 * byLength)
})

test('is never much worse than length, from no labels on', () => {
  for (const count of [0, 1, 10, 50, 120]) {
    const model = GainModel.fit(labelsOf(count, 2), { signalNames: [] })

    expect(areaOf((label) => model.score(label))).toBeGreaterThan(0.93 * byLength)
  }
})

test('is useful from 50 labels on, where the structure tells tasks apart', () => {
  const easier = (label: GainLabel): GainLabel => ({
    ...label,
    localRight: (label.request.structure[1] ?? 0) > Math.log1p(25),
    frontierRight: true,
  })
  const rest = unseen.map(easier)
  const model = GainModel.fit(labelsOf(50, 3).map(easier), { signalNames: [] })

  const realised = rest.map(({ localRight }) => Number(!localRight))
  const area = gainArea(
    rest.map((label) => model.score(label)),
    realised,
  )

  expect(area).toBeGreaterThan(
    1.3 *
      gainArea(
        rest.map(({ request }) => request.structure[0] ?? 0),
        realised,
      ),
  )
})

test('calibrates the score: tasks with a like gain have it on average', () => {
  const model = GainModel.fit(labelsOf(800, 6), { signalNames: [] })

  const expected = unseen.map((label) => model.gainAt(model.score(label)))
  const high = expected
    .map((gain, at) => ({ gain, real: gains[at] ?? 0 }))
    .filter(({ gain }) => gain > 0.3)
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length

  expect(Math.abs(mean(expected) - mean(gains))).toBeLessThan(0.05)
  expect(
    Math.abs(mean(high.map(({ gain }) => gain)) - mean(high.map(({ real }) => real))),
  ).toBeLessThan(0.1)
})

test('says what moved the score, and gives the same score every time', () => {
  const [one, two] = [1, 2].map(() => GainModel.fit(labelsOf(300, 7), { signalNames: [] }))
  const task = unseen[0]
  if (one === undefined || two === undefined || task === undefined) throw new Error('no task')

  expect(one.score(task)).toBe(two.score(task))
  expect(one.explain(task, 3)).toHaveLength(3)
  expect(one.explain(task, 3)[0]?.name).not.toBe('')
})

test('scores NaN where a signal is no number, and survives labels of one class and contradictions', () => {
  const withSignal =
    (signal: number) =>
    (label: GainLabel): GainLabel => ({
      ...label,
      signals: Float32Array.from([signal]),
    })
  const labels = labelsOf(200, 8)
  const model = GainModel.fit(labels.map(withSignal(1)), { signalNames: ['one'] })
  const same = GainModel.fit(
    labels.map((label) => Object.assign({}, label, { localRight: true, frontierRight: true })),
    { signalNames: [] },
  )
  const first = labels[0]
  if (first === undefined) throw new Error('no label')
  const contradicting = GainModel.fit(
    Array.from({ length: 100 }, (_, at) => ({
      ...first,
      localRight: Math.floor(at / 4) % 2 === 0,
      frontierRight: true,
    })),
    { signalNames: [] },
  )

  expect(model.score(withSignal(Number.NaN)(first))).toBeNaN()
  expect(same.gainAt(same.score(first))).toBe(0)
  expect(Math.abs(contradicting.gainAt(contradicting.score(first)) - 0.5)).toBeLessThan(0.25)
})

test('learns from the local answer, once there is one', () => {
  const random = seededRandom(9)
  const labels = labelsOf(500, 10).map((label): GainLabel => {
    const isSure = random() < 0.6
    return {
      request: label.request,
      frontierRight: label.frontierRight,
      answer: profileOf(isSure ? 'the answer is 4' : 'i am not sure but perhaps 5'),
      signals: Float32Array.from([isSure ? 1 : 0]),
      localRight: random() < (isSure ? 0.97 : 0.4),
    }
  })
  const [training, rest] = [labels.slice(0, 300), labels.slice(300)]
  const realised = rest.map(
    ({ localRight, frontierRight }) => Number(frontierRight) - Number(localRight),
  )
  const before = GainModel.fit(
    training.map((label) =>
      Object.assign({}, label, { answer: null, signals: new Float32Array() }),
    ),
    { signalNames: [] },
  )
  const after = GainModel.fit(training, { signalNames: ['sure'] })

  const areaBefore = gainArea(
    rest.map((label) => before.score({ ...label, answer: null, signals: new Float32Array() })),
    realised,
  )
  const areaAfter = gainArea(
    rest.map((label) => after.score(label)),
    realised,
  )

  expect(areaAfter).toBeGreaterThan(1.15 * areaBefore)
})

test('of few answers, believes how sure the model was of its least sure token', () => {
  const random = seededRandom(11)
  const sureness = 'confidence in the least sure token'
  const answered = (label: GainLabel): GainLabel => {
    const confidence = random()
    return {
      request: label.request,
      answer: profileOf('billing'),
      signals: Float32Array.from([confidence]),
      frontierRight: true,
      localRight: random() < (confidence > 0.5 ? 0.98 : 0.4),
    }
  }
  const training = labelsOf(100, 12).map(answered)
  const rest = labelsOf(400, 13).map(answered)
  const untold = training.map((label) => ({ ...label, signals: Float32Array.from([-1]) }))

  const model = GainModel.fit(training, { signalNames: [sureness] })
  const without = GainModel.fit(untold, { signalNames: [sureness] })

  const lossesOfSurest = rest
    .toSorted((left, right) => model.score(left) - model.score(right))
    .slice(0, 160)
    .filter(({ localRight }) => !localRight).length
  expect(model.choice).toMatch(/sureness$/u)
  expect(without.choice).not.toMatch(/sureness$/u)
  expect(lossesOfSurest).toBeLessThan(12)
  const [task] = rest
  if (task === undefined) throw new Error('no task')
  expect(
    model
      .explain(task, 3)
      .map(({ name }) => name)
      .join(),
  ).toMatch(/sure/u)
})
