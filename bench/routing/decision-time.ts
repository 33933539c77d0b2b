import { CertifiedRouting } from '../../src/routing/certified-routing.ts'
import { profileOf } from '../../src/routing/text-profile.ts'
import type { GainModel } from '../../src/routing/gain-model.ts'
import type { GainTask } from '../../src/routing/gain-model.ts'
import type { Outcome } from './outcomes.ts'

export type DecisionTime = { readonly p50Ms: number; readonly p99Ms: number }

/** From the text of the request to a route, in CPU time of this process. */
export function decisionTime(model: GainModel, outcomes: readonly Outcome[]): DecisionTime {
  const routing = new CertifiedRouting<GainTask>({
    agent: 'king',
    checkpoint: null,
    alpha: 0.5,
    delta: 0.5,
    firstFitLabels: 1,
    growthPerFit: Number.POSITIVE_INFINITY,
    fit: () => ({
      scorer: { name: 'measured', score: (task) => model.score(task) },
      past: model.crossFitted.map(({ score }) => ({ score, loss: false })),
    }),
  })
  for (const { prompt } of outcomes.slice(0, 300)) {
    routing.record({
      task: taskOf(prompt),
      probability: 1,
      floor: 1,
      servedLocally: false,
      frontierRight: true,
      localRight: true,
    })
  }
  const times = outcomes.map(({ prompt }) => {
    const before = process.cpuUsage()
    routing.decide(taskOf(prompt))
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  })
  const sorted = times.toSorted((left, right) => left - right)
  const at = (share: number): number =>
    sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}

function taskOf(prompt: string): GainTask {
  return { request: profileOf(prompt), answer: null, signals: new Float32Array() }
}
