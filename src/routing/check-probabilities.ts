import type { Evidence } from './complexity-estimate.ts'

export type ShadowInput = {
  readonly evidence: Evidence
  readonly threshold: number
  /** Requests now running and waiting in the local runtime. */
  readonly workload: {
    readonly running: number
    readonly waiting: number
    readonly sequences: number
  }
  /** False while the bare base serves the agent. */
  readonly hasCheckpoint: boolean
}

/** Enough to see how good the bare base is. */
const baseSample = 20
/** Of a kind, gathered mostly by shadow runs before it is served locally. */
const firstLabels = 24
const fewLabels = 40
const someLabels = 100
/** From here on a kind that is served locally may be one that is only half known. */
const doubtfulBadShare = 0.06

/**
 * With which probability a frontier-served task is also given to the local model: high while
 * little is known of its kind, lower once a kind is known, nothing while there is no room.
 */
export function shadowProbability(input: ShadowInput): number {
  const { evidence, workload } = input
  if (workload.waiting > 0 || workload.running >= workload.sequences) return 0
  if (!input.hasCheckpoint) return evidence.overall < baseSample ? 0.25 : 0
  if (evidence.kindLabels < fewLabels) return 1
  const badShare = 1 - (evidence.kindGoodShare ?? 0)
  if (badShare > 0.5) return 0.1
  if (badShare < input.threshold + 0.1) return 0.6
  return evidence.kindLabels < someLabels ? 0.4 : 0.15
}

/** With which probability a local answer is checked against the frontier: less as checks add up. */
export function auditProbability(evidence: Evidence, settled = 0.06): number {
  if (evidence.kindLabels < firstLabels) return Math.max(settled, 0.2)
  const badShare = 1 - (evidence.kindGoodShare ?? 0)
  if (badShare > doubtfulBadShare) return Math.max(settled, 0.12)
  return Math.max(settled, (0.1 * firstLabels) / evidence.kindLabels)
}
