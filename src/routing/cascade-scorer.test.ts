import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { answerSignalNames, answerSignals } from './answer-signals.ts'
import { CascadeScorer } from './cascade-scorer.ts'
import type { CascadeLabel } from './cascade-scorer.ts'
import { CertifiedRouting } from './certified-routing.ts'
import { fitLogisticMap, probabilityAt } from './logistic-map.ts'
import { leastStayChance } from './run-first.ts'
import { replayStream } from './stream-replay.ts'
import { profileOf } from './text-profile.ts'

/** Long requests are lost more often; the answer shows most of the losses, the request few. */
function labelsOf(count: number, seed: number, form: CascadeLabel['form'] = 'whole') {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (): CascadeLabel => {
    const words = Math.floor(4 + random() * 30)
    const loss = random() < 0.1 + words / 150
    const shows = random() < 0.93
    const prompt = `Sort this: ${Array.from({ length: words }, () => 'lamp').join(' ')}`
    const answer = loss === shows ? 'I am not sure but perhaps 7' : 'The answer is 12'
    return {
      request: profileOf(prompt),
      answer: profileOf(answer),
      signals: answerSignals({ prompt, answer, peers: [], confidence: null }),
      leastStay: 0.3,
      form,
      loss,
    }
  })
}

const scorer = CascadeScorer.fit(labelsOf(300, 1), answerSignalNames)
const unseen = labelsOf(600, 2)

test('tells losses apart by the answer where it is judged, on one scale with the request alone', () => {
  const alone = unseen.map((task) => scorer.score({ ...task, leastStay: null }))
  const judged = unseen.map((task) => scorer.score({ ...task, leastStay: 0 }))
  const meanOf = (scores: readonly number[], loss: boolean): number => {
    const some = scores.filter((_, at) => unseen[at]?.loss === loss)
    return some.reduce((sum, score) => sum + score, 0) / some.length
  }
  const share = unseen.filter(({ loss }) => loss).length / unseen.length

  expect(meanOf(judged, true) - meanOf(judged, false)).toBeGreaterThan(0.4)
  for (const scores of [alone, judged]) {
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
    expect(Math.abs(mean - share)).toBeLessThan(0.09)
  }
})

test('what is served at a threshold is served at every higher one, and never below its entry', () => {
  for (const task of unseen.slice(0, 100)) {
    const entries = [0.05, 0.3, 0.7].map((leastStay) => scorer.entry({ ...task, leastStay }))

    expect(entries).toEqual(entries.toSorted((left, right) => left - right))
    expect(scorer.score(task)).toBeGreaterThanOrEqual(scorer.entry(task))
  }
  const chances = [0.1, 0.3, 0.9].map((threshold) =>
    scorer.stayChance(unseen[0] ?? missing(), threshold),
  )
  expect(chances).toEqual(chances.toSorted((left, right) => left - right))
})

test('cannot tell while the answer is not there, and of a form of answers never compared', () => {
  const [task = missing()] = unseen

  expect(scorer.score({ ...task, answer: null })).toBeNaN()
  expect(scorer.entry({ ...task, answer: null })).toBe(scorer.entry(task))
  expect(scorer.entry({ ...task, form: 'beginning' })).toBeNaN()
  expect(scorer.score({ ...task, form: 'beginning' })).toBeNaN()
})

test('judges nothing before enough answers were compared: the request alone decides', () => {
  const few = CascadeScorer.fit(
    labelsOf(100, 3).map((label, at) =>
      at < 40 ? label : Object.assign({}, label, { answer: null }),
    ),
    answerSignalNames,
  )
  const [task = missing()] = unseen

  expect(few.judges(task)).toBe(false)
  expect(few.score(task)).toBe(few.score({ ...task, leastStay: null }))
})

test('keeps to the bound with handovers, and lets far more stay local than the request alone', () => {
  const alpha = 0.1
  const traffic = (leastStay: number | null) => {
    const tasks = labelsOf(2000, 4).map((task) => Object.assign({}, task, { leastStay }))
    const model = CascadeScorer.fit(tasks.slice(0, 300), answerSignalNames)
    const pool = tasks.slice(300).map((task) => ({
      entry: model.entry(task),
      score: model.score(task),
      frontierRight: true,
      localRight: !task.loss,
    }))
    return { model, pool }
  }
  const play = ({ model, pool }: ReturnType<typeof traffic>, seed: number) => {
    const routing = new CertifiedRouting<(typeof pool)[number]>({
      agent: 'king',
      checkpoint: null,
      alpha,
      delta: 0.1,
      firstFitLabels: 1,
      growthPerFit: Number.POSITIVE_INFINITY,
      fit: () => ({
        scorer: { name: model.name, entry: ({ entry }) => entry, score: ({ score }) => score },
        past: model.past,
      }),
    })
    return replayStream({ routing, pool, tasks: 3000, alpha, random: seededRandom(seed) })
  }

  const alone = play(traffic(null), 1)
  const cascade = traffic(0.3)
  const runs = [1, 2, 3, 4, 5, 6].map((seed) => play(cascade, seed))

  expect(runs.filter(({ violated }) => violated).length).toBeLessThanOrEqual(1)
  for (const run of runs) {
    expect(run.localShareAtEnd).toBeGreaterThan(alone.localShareAtEnd + 0.3)
    expect(run.handoverShare).toBeGreaterThan(0.05)
    expect(run.realisedLoss).toBeLessThan(alpha)
  }
})

test('what decided before the run does not let an answer leave once it is no longer in force', () => {
  const routing = new CertifiedRouting<{ readonly score: number }>({
    agent: 'king',
    checkpoint: null,
    alpha: 0.1,
    delta: 0.1,
    firstFitLabels: 1,
    growthPerFit: Number.POSITIVE_INFINITY,
    fit: () => ({
      scorer: { name: 'given', entry: () => 0, score: ({ score }) => score },
      past: Array.from({ length: 40 }, (_, at) => ({ score: at / 40, loss: false })),
    }),
  })
  const learn = (localRight: boolean, servedLocally: boolean): void =>
    routing.record({
      task: { score: 0.1 },
      probability: 1,
      floor: 1,
      servedLocally,
      frontierRight: true,
      localRight,
    })
  for (let count = 0; count < 100; count += 1) learn(true, false)
  const before = routing.decide({ score: 0.1 })

  const inForce = [0.1, 0.99].map((score) => routing.decideAfter(before, { score }).route)
  for (let count = 0; count < 30; count += 1) learn(false, true)
  const after = routing.decideAfter(before, { score: 0.1 })
  for (let count = 0; count < 900; count += 1) learn(true, false)
  const anew = routing.decide({ score: 0.1 })

  expect(before.route).toBe('local')
  expect(inForce).toEqual(['local', 'frontier'])
  expect(routing.drifts).toBe(1)
  expect(after.route).toBe('frontier')
  expect(anew.route).toBe('local')
  expect(routing.decideAfter(anew, { score: 0.1 }).route).toBe('local')
  expect(routing.decideAfter(before, { score: 0.1 }).route).toBe('frontier')
})

test('a scorer that comes late, or never, leaves what serves as it is', async () => {
  const fits: ((scorer: null | ReturnType<typeof fitted>) => void)[] = []
  const fitted = () => ({
    scorer: { name: 'late', score: () => 0 },
    past: Array.from({ length: 40 }, (_, at) => ({ score: at / 40, loss: false })),
  })
  const routing = new CertifiedRouting<number>({
    agent: 'king',
    checkpoint: null,
    alpha: 0.1,
    delta: 0.1,
    firstFitLabels: 2,
    growthPerFit: 2,
    fit: () => new Promise((resolve) => void fits.push(resolve)),
  })
  const learn = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      routing.record({
        task: 1,
        probability: 1,
        floor: 1,
        servedLocally: false,
        frontierRight: true,
        localRight: true,
      })
    }
  }

  learn(3)
  const meanwhile = routing.certificate
  fits[0]?.(null)
  await routing.fitted()
  const failed = routing.certificate
  learn(1)
  fits[1]?.(fitted())
  await routing.fitted()

  expect(meanwhile).toBeNull()
  expect(failed).toBeNull()
  expect(fits).toHaveLength(2)
  expect(routing.certificate?.terms.scorer).toBe('late')
})

test('asks the local model first only where the saving is worth the wait', () => {
  const bound = { maxAddedLatencyMs: 1000, relativeCost: 1 }

  expect(leastStayChance({ ...bound, localLatencyMs: 1001 })).toBeNull()
  expect(leastStayChance({ ...bound, localLatencyMs: Number.POSITIVE_INFINITY })).toBeNull()
  expect(leastStayChance({ ...bound, localLatencyMs: 0, maxAddedLatencyMs: 0 })).toBeNull()
  expect(leastStayChance({ ...bound, localLatencyMs: 1000 })).toBe(0.5)
  expect(leastStayChance({ ...bound, localLatencyMs: 250 })).toBe(0.2)
  expect(leastStayChance({ ...bound, localLatencyMs: 250, relativeCost: 4 })).toBeCloseTo(1 / 17)
  expect(leastStayChance({ ...bound, localLatencyMs: 250, relativeCost: Number.NaN })).toBe(0.2)
})

test('a logistic map rises strictly and keeps the mean, of one class and of contradictions too', () => {
  const scores = Array.from({ length: 200 }, (_, at) => at)
  const map = fitLogisticMap(
    scores,
    scores.map((score) => score % 10 < score / 20),
  )
  const falling = fitLogisticMap(
    scores,
    scores.map((score) => score < 50),
  )
  const none = fitLogisticMap(
    scores,
    scores.map(() => false),
  )

  const values = scores.map((score) => probabilityAt(map, score))
  expect(values.every((value, at) => at === 0 || value > (values[at - 1] ?? 1))).toBe(true)
  expect(values.reduce((sum, value) => sum + value, 0) / 200).toBeCloseTo(0.55, 1)
  expect(probabilityAt(falling, 199)).toBeGreaterThan(probabilityAt(falling, 0))
  expect(probabilityAt(none, 100)).toBeLessThan(0.02)
  expect(probabilityAt(map, Number.NaN)).toBeNaN()
})

function missing(): never {
  throw new Error('there is no such task')
}
