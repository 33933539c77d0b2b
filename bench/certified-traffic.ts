import { parseArgs } from 'node:util'
import { agentNames } from '../src/kernel/agent-name.ts'
import type { AgentName } from '../src/kernel/agent-name.ts'
import type { NanoUsd } from '../src/kernel/money.ts'
import { seededRandom } from '../src/kernel/random.ts'
import { demoFamilies } from '../src/simulation/families/demo-families.ts'
import { inHindsight } from '../src/simulation/hindsight.ts'
import type { ScoredTask } from '../src/simulation/hindsight.ts'
import { createTraffic } from '../src/simulation/traffic.ts'
import { CertifiedService } from '../src/village/planning/certified-service.ts'

/**
 * `node bench/certified-traffic.ts [--tasks N] [--loss L] [--alpha A] [--seed S] [--before N]`: how soon certificates
 * come on the demo's traffic once a local model was promoted. The local model is a made-up one that
 * loses a share L of the families it can learn and 70 % of the others; no model runs.
 */
const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '5000' },
    loss: { type: 'string', default: '0.01' },
    alpha: { type: 'string', default: '0.03' },
    delta: { type: 'string', default: '0.1' },
    seed: { type: 'string', default: '1' },
    /** Held-out results that teach the first scorer of an agent. */
    before: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
})
const alpha = Number(values.alpha)
const random = seededRandom(Number(values.seed))
const service = new CertifiedService({
  alpha,
  delta: Number(values.delta),
  estimateFrontierCost: () => 1_000_000 as NanoUsd,
})
const traffic = createTraffic({ seed: Number(values.seed), families: demoFamilies })
const lossOf = (expectation: string): number =>
  expectation === 'learnable' ? Number(values.loss) : 0.7
const draw = () => {
  const task = traffic.next()
  return { task, goodEnough: random() >= lossOf(task.expectation) }
}

for (const agent of agentNames) {
  const known = []
  while (known.length < Number(values.before)) {
    const { task, goodEnough } = draw()
    if (task.agent === agent) known.push({ messages: task.request.messages, kind: '', goodEnough })
  }
  service.restart(agent, 'made-up', known)
}

const scored: ScoredTask[] = []
const labels = { king: 0, sage: 0, magi: 0 }
const first: Record<AgentName, { labels: number; afterTasks: number } | null> = {
  king: null,
  sage: null,
  magi: null,
}
for (let at = 1; at <= Number(values.tasks); at += 1) {
  const { task, goodEnough } = draw()
  const { agent } = task
  const plan = service.plan(
    agent,
    { messages: task.request.messages, kind: '', localReady: true },
    { advised: 0, canShadow: true },
  )
  const score = service.marksFor(agent, plan)[0]?.score
  const local = plan.route === 'local'
  if (score !== undefined) scored.push({ group: agent, score, loss: !goodEnough, local, alpha })
  if (local && random() >= plan.auditProbability) continue
  labels[agent] += 1
  service.learn(agent, plan, { goodEnough, source: local ? 'audit' : 'shadow' })
  const isFirst = service
    .takeChanges(agent, at)
    .some(({ certificate }) => certificate?.type === 'certified')
  if (isFirst) first[agent] ??= { labels: labels[agent], afterTasks: at }
}
const report = { first, whole: inHindsight(scored), last: inHindsight(scored.slice(-1000)) }
console.log(JSON.stringify(report, null, values.json ? 0 : 2))
