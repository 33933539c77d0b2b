import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { CertifiedRouting } from './certified-routing.ts'
import type { RoutingLabel } from './routing-epoch.ts'
import { replayStream } from './stream-replay.ts'
import type { StreamReport, StreamTask } from './stream-replay.ts'

type ScoredTask = StreamTask & { readonly score: number }

const alpha = 0.1
const delta = 0.1

/** Losses rise with the square of the score: 3 % at 0.3, 20 % at 0.8 on average. */
function poolOf(seed: number, extraLoss = 0): readonly ScoredTask[] {
  const random = seededRandom(seed)
  return Array.from({ length: 4000 }, () => {
    const score = random()
    const localRight = random() >= 0.6 * score * score && random() >= extraLoss
    return { score, localRight, frontierRight: true }
  })
}

function routingOf(
  score: (task: ScoredTask) => number = (task) => task.score,
): CertifiedRouting<ScoredTask> {
  return new CertifiedRouting<ScoredTask>({
    agent: 'king',
    checkpoint: 'abc',
    alpha,
    delta,
    fit: (labels) => ({
      scorer: { name: `fitted on ${labels.length}`, score },
      past: labels.map(({ task }) => ({ score: score(task), loss: !task.localRight })),
    }),
  })
}

function play(seed: number, drift = false): StreamReport {
  return replayStream({
    routing: routingOf(),
    pool: poolOf(1),
    tasks: 4000,
    alpha,
    random: seededRandom(seed),
    ...(drift ? { drift: { at: 2500, pool: poolOf(2, 0.2) } } : {}),
  })
}

test('keeps to the bound in nearly every run, with and without a drift', () => {
  const runs = Array.from({ length: 24 }, (_, at) => play(at + 1, at % 2 === 0))

  const violations = runs.filter(({ violated }) => violated).length

  // Delta of 24 and a margin; the bench plays 200 seeds.
  expect(violations).toBeLessThanOrEqual(4)
})

test('lets much of the traffic stay local, and audits only some of it', () => {
  const report = play(7)

  expect(report.localShareAtEnd).toBeGreaterThan(0.4)
  expect(report.realisedLoss).toBeLessThan(alpha)
  expect(report.audits).toBeLessThan(0.35 * report.localShare * 4000)
})

test('stops serving locally within 150 audits after the local model lost 20 points', () => {
  const reports = [11, 12, 13, 14].map((seed) => play(seed, true))

  for (const { auditsToDetect } of reports) expect(auditsToDetect ?? Infinity).toBeLessThan(150)
})

test('sends everything to the frontier when the scorer returns no number', () => {
  const routing = routingOf(() => Number.NaN)

  const report = replayStream({
    routing,
    pool: poolOf(1),
    tasks: 1500,
    alpha,
    random: seededRandom(3),
  })

  expect(report.localShare).toBe(0)
  expect(routing.certificate?.certified).toBe(0)
})

test('certifies nothing of a local model that is always wrong, and audits are never given up', () => {
  const wrong = poolOf(1).map((task) => Object.assign({}, task, { localRight: false }))
  const routing = routingOf()

  const report = replayStream({ routing, pool: wrong, tasks: 1500, alpha, random: seededRandom(3) })

  expect(report.localShare).toBe(0)
  expect(routing.auditProbability()).toBeGreaterThan(0)
})

test('lets failed audits only ever delay a certificate', () => {
  const label = (score: number): RoutingLabel<ScoredTask> => ({
    task: { score, localRight: true, frontierRight: true },
    probability: 1,
    floor: 1,
    servedLocally: false,
    frontierRight: true,
    localRight: true,
  })
  const [whole, failing] = [routingOf(), routingOf()]

  for (let count = 0; count < 245; count += 1) {
    const one = label((count % 40) / 40)
    whole.record(one)
    failing.record(one)
    if (count >= 200 && count % 8 === 0) failing.recordFailedAudit(one.task, 1, 1)
  }

  expect(whole.scorer).not.toBeNull()
  expect(failing.scorer).toBeNull()
})

/** Feeds labels of which none is lost. */
function feed(routing: CertifiedRouting<ScoredTask>, count: number): void {
  const random = seededRandom(5)
  for (let at = 0; at < count; at += 1) {
    const task = { score: random(), localRight: true, frontierRight: true }
    const label = { task, probability: 1, floor: 1, servedLocally: false }
    routing.record({ ...label, frontierRight: true, localRight: true })
  }
}

const easyTask = { score: 0.05, localRight: true, frontierRight: true }

test('serves nothing under a stricter target before that was shown anew', () => {
  const routing = routingOf()
  feed(routing, 400)
  const before = routing.decide(easyTask)

  routing.retarget({ alpha: alpha / 2, delta })
  const after = routing.decide(easyTask)
  feed(routing, 400)
  const later = routing.decide(easyTask)

  expect([before.route, after.route, later.route]).toEqual(['local', 'frontier', 'local'])
  expect(routing.certificate?.terms.alpha).toBe(alpha / 2)
  expect(later.epoch).toBeGreaterThan(before.epoch)
})

test('goes on serving under a looser target, for which it is shown already', () => {
  const routing = routingOf()
  feed(routing, 400)

  routing.retarget({ alpha: 2 * alpha, delta })
  const after = routing.decide(easyTask)

  expect(after.route).toBe('local')
  expect(routing.certificate?.terms.alpha).toBe(alpha)
})

/** All tasks have one score, and one in `lossEvery` is lost; certificates need more than a few labels. */
function playEvents(labels: number, lossEvery: number, firstFitLabels: number, scoreOfFirst = 0.5) {
  const events: string[] = []
  let fits = 0
  const routing = new CertifiedRouting<ScoredTask>({
    agent: 'king',
    checkpoint: 'abc',
    alpha,
    delta,
    firstFitLabels,
    growthPerFit: 2,
    fit: (known) => {
      fits += 1
      const score = fits === 1 ? scoreOfFirst : 0.5
      return {
        scorer: { name: 'the same for all', score: () => score },
        past: known.map(({ task }) => ({ score: 0.5, loss: !task.localRight })),
      }
    },
    onEvent: (event) => {
      if (event.type === 'opened') events.push(`opened ${event.terms.epoch}`)
      if (event.type === 'certified') events.push(`certified ${event.epoch} at ${event.label}`)
    },
  })
  for (let at = 1; at <= labels; at += 1) {
    const task = { ...easyTask, localRight: at % lossEvery !== 0 }
    const label = { task, probability: 1, floor: 1, servedLocally: false, frontierRight: true }
    routing.record({ ...label, localRight: task.localRight })
  }
  return { routing, events }
}

test('a scorer that has learnt from more earns a certificate beside the first, which goes on', () => {
  const { events } = playEvents(1200, 15, 200)

  // The first needs more labels than the next scorer waits for, and is shown all the same.
  expect(events.slice(0, 2)).toEqual(['opened 1', 'opened 2'])
  expect(events.find((event) => event.startsWith('certified'))).toMatch(
    /^certified 1 at (4\d\d|[5-9]\d\d)$/u,
  )
})

test('earns at most three certificates at a time, and none by less than what serves has learnt', () => {
  const hopeless = playEvents(1000, 5, 20)
  // The first scorer puts every task above its thresholds, so that its certificate is never shown.
  const serving = playEvents(200, 1000, 20, 1)
  const epochs = (routing: CertifiedRouting<ScoredTask>) =>
    routing.marksFor(easyTask, 1).map(({ epoch }) => epoch)

  expect(hopeless.events.filter((event) => event.startsWith('opened'))).toHaveLength(6)
  expect(epochs(hopeless.routing)).toHaveLength(3)
  expect(serving.routing.decide(easyTask).epoch).toBe(2)
  expect(epochs(serving.routing)).toEqual([2, 4, 3])
})
