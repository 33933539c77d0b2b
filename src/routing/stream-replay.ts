import { pick } from '../kernel/random.ts'
import type { Random } from '../kernel/random.ts'
import { certifiedThreshold } from './certificate.ts'
import type { CertifiedRouting } from './certified-routing.ts'

/** What both models make of one task of the traffic. */
export type StreamTask = { readonly frontierRight: boolean; readonly localRight: boolean }

export type StreamOptions<Task extends StreamTask> = {
  readonly routing: CertifiedRouting<Task>
  /** The traffic draws from here, with replacement. */
  readonly pool: readonly Task[]
  readonly tasks: number
  readonly alpha: number
  readonly random: Random
  /** Probability of a shadow run of a frontier-served task. */
  readonly shadowProbability?: number
  /** From this task on, traffic draws from the other pool. */
  readonly drift?: { readonly at: number; readonly pool: readonly Task[] }
}

export type StreamReport = {
  /** A threshold came into force although it loses more than α of what it lets stay local. */
  readonly violated: boolean
  readonly localShare: number
  /** Of the last quarter of the tasks. */
  readonly localShareAtEnd: number
  /** Local answers that were judged and did not leave, as a share of all tasks. */
  readonly handoverShare: number
  readonly audits: number
  /** Losses among locally served answers, as a share of these. */
  readonly realisedLoss: number
  /** Labels until the first threshold was certified; null when none was. */
  readonly labelsToCertify: number | null
  /** Audits after the drift until local serving stopped; null when it never did. */
  readonly auditsToDetect: number | null
  readonly tasksToDetect: number | null
  readonly falseAlarms: number
}

/**
 * Plays recorded outcomes as traffic with partial feedback: local answers are audited, frontier
 * answers are shadowed, a handover shows both answers, and nothing else is ever seen. What a threshold truly loses is computed
 * from the whole pool, each time that it changes.
 */
export function replayStream<Task extends StreamTask>(options: StreamOptions<Task>): StreamReport {
  const { routing, tasks, alpha, random, drift, shadowProbability = 1 } = options
  const counts = { local: 0, localAtEnd: 0, handovers: 0, audits: 0, losses: 0, falseAlarms: 0 }
  let violated = false
  let inForce: string | null = null
  let labelsToCertify: number | null = null
  let auditsAtDrift = 0
  let detected: { audits: number; tasks: number } | null = null
  for (let at = 0; at < tasks; at += 1) {
    const drifted = drift !== undefined && at >= drift.at
    if (drift !== undefined && at === drift.at) auditsAtDrift = counts.audits
    const pool = drifted ? drift.pool : options.pool
    const task = pick(pool, random)
    const decision = routing.decide(task)
    // As in serving: nothing waits for an audit while nothing is served locally.
    const floor =
      decision.threshold === null
        ? shadowProbability
        : Math.min(decision.auditProbability, shadowProbability)
    const runsFirst = decision.route === 'local'
    const servedLocally = runsFirst && routing.decideAfter(decision, task).route === 'local'
    const isHandover = runsFirst && !servedLocally
    if (isHandover) counts.handovers += 1
    const probability = servedLocally
      ? decision.auditProbability
      : isHandover
        ? 1
        : shadowProbability
    const labelled = random() < probability
    if (servedLocally) {
      counts.local += 1
      if (at >= 0.75 * tasks) counts.localAtEnd += 1
      if (task.frontierRight && !task.localRight) counts.losses += 1
      if (labelled) counts.audits += 1
    }
    if (!labelled) continue
    const driftsBefore = routing.drifts
    routing.record({ ...task, task, probability, floor, servedLocally })
    if (routing.drifts > driftsBefore) {
      if (!drifted) counts.falseAlarms += 1
      else detected ??= { audits: counts.audits - auditsAtDrift, tasks: at - drift.at }
    }
    const { certificate, scorer } = routing
    const threshold = certificate === null ? null : certifiedThreshold(certificate)
    if (certificate === null || scorer === null || threshold === null) continue
    labelsToCertify ??= certificate.labelsToFirst
    const now = `${scorer.name}: ${threshold}`
    if (now === inForce) continue
    inForce = now
    if (trueLoss(pool, (one) => scorer.score(one) <= threshold) > alpha) violated = true
  }
  return {
    violated,
    localShare: counts.local / tasks,
    localShareAtEnd: counts.localAtEnd / (tasks * 0.25),
    handoverShare: counts.handovers / tasks,
    audits: counts.audits,
    realisedLoss: counts.local === 0 ? 0 : counts.losses / counts.local,
    labelsToCertify,
    auditsToDetect: detected?.audits ?? null,
    tasksToDetect: detected?.tasks ?? null,
    falseAlarms: counts.falseAlarms,
  }
}

/** The share of losses among the tasks that would stay local. */
function trueLoss<Task extends StreamTask>(
  pool: readonly Task[],
  staysLocal: (task: Task) => boolean,
): number {
  const local = pool.filter(staysLocal)
  const losses = local.filter(({ frontierRight, localRight }) => frontierRight && !localRight)
  return local.length === 0 ? 0 : losses.length / local.length
}
