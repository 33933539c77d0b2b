import { pick, seededRandom } from '../kernel/random.ts'
import type { Random } from '../kernel/random.ts'
import { auditProbability, shadowProbability } from './check-probabilities.ts'
import { ComplexityEvaluator } from './complexity-evaluator.ts'
import { decideRoute } from './decide-route.ts'
import { featuresOf } from './features.ts'
import { TaskKinds } from './task-kinds.ts'
import { Thresholds } from './thresholds.ts'

/** A made-up family for tests of routing: prompts, and how often the local model gets them right. */
export type SyntheticFamily = {
  readonly name: string
  readonly share: number
  readonly phrasings: readonly string[]
  /** Chance that the local answer is right, possibly depending on the task. */
  localRight(task: { readonly size: number; readonly taskNumber: number }): number
}

export type SyntheticRun = {
  readonly families: readonly SyntheticFamily[]
  readonly seed: number
  readonly tasks: number
  readonly heldOutLabels: number
  /** Chance that a comparison says the wrong thing. */
  readonly labelNoise: number
  readonly frontierRight?: number
}

export type SyntheticReport = {
  /** Of the last 1,000 tasks. */
  readonly localShare: number
  readonly localShareByFamily: Readonly<Record<string, number>>
  /** Right answers, as a share of what the frontier alone would have given. */
  readonly relativeQuality: number
  readonly frontierCalls: number
  readonly shadowRuns: number
  readonly threshold: number
  readonly thresholdChanges: readonly string[]
  /** Of all tasks since the promotion. */
  readonly relativeQualityOverall: number
}

const words =
  'harbour lantern meadow copper violet granite saddle timber orchard marble canvas ribbon kettle pepper anchor walnut velvet cotton ferry bridge tunnel garden museum bakery clinic studio cabin'.split(
    ' ',
  )

/** One agent from its first promotion on: held-out labels, then traffic with shadow runs and audits. */
export function runSyntheticVillage(run: SyntheticRun): SyntheticReport {
  const random = seededRandom(run.seed)
  const frontierRight = run.frontierRight ?? 0.98
  const kinds = new TaskKinds()
  const evaluator = new ComplexityEvaluator()
  const thresholds = new Thresholds()
  const draw = (taskNumber: number) => {
    const family = drawFamily(run.families, random)
    const { text, size } = promptOf(family, random)
    const features = featuresOf([{ role: 'user', content: text }])
    const { name: kind, merged } = kinds.assign('king', features)
    if (merged !== null) evaluator.mergeKinds('king', merged)
    const isLocalRight = random() < family.localRight({ size, taskNumber })
    const goodEnough = random() < run.labelNoise ? !isLocalRight : isLocalRight
    return {
      family,
      isLocalRight,
      label: { features, kind, firstFormula: 0.3, goodEnough, sure: true },
    }
  }

  for (let warmUp = 0; warmUp < 200; warmUp += 1) draw(0)
  const drawn = Array.from({ length: run.heldOutLabels }, () => draw(0).label)
  const heldOut = Array.from(drawn, (label) => ({
    ...label,
    kind: kinds.nearestName('king', label.features, label.kind),
    weight: 1,
  }))
  const changes = [thresholds.restart('king', evaluator.restart('king', heldOut), 0).reason]

  const last = { tasks: 0, local: 0, right: 0, frontierCalls: 0, shadowRuns: 0 }
  const byFamily = new Map<string, { tasks: number; local: number }>()
  let rightOverall = 0
  for (let taskNumber = 0; taskNumber < run.tasks; taskNumber += 1) {
    const { family, isLocalRight, label } = draw(taskNumber)
    const estimate = evaluator.estimate('king', label).sure
    const threshold = thresholds.value('king')
    const decision = decideRoute({
      estimate,
      threshold,
      policy: 'learned',
      localReady: true,
      auditCoin: random(),
      auditProbability: auditProbability(estimate.evidence),
    })
    const shadow = shadowProbability({
      evidence: estimate.evidence,
      threshold,
      workload: { running: 0, waiting: 0, sequences: 4 },
      hasCheckpoint: true,
    })
    const isShadowed = decision.route === 'frontier' && random() < shadow
    if (decision.audited || isShadowed) {
      const weight = 1 / (decision.audited ? decision.auditProbability : shadow)
      const scored = evaluator.learn('king', { ...label, weight })
      const change = thresholds.record('king', scored, taskNumber)
      if (change !== null) changes.push(`${taskNumber}: ${change.reason}`)
    }
    const isRight = decision.route === 'local' ? isLocalRight : random() < frontierRight
    if (isRight) rightOverall += 1
    if (taskNumber < run.tasks - 1000) continue
    const counted = byFamily.get(family.name) ?? { tasks: 0, local: 0 }
    byFamily.set(family.name, counted)
    counted.tasks += 1
    last.tasks += 1
    if (decision.route === 'local') {
      counted.local += 1
      last.local += 1
    }
    if (isRight) last.right += 1
    if (decision.route === 'frontier' || decision.audited) last.frontierCalls += 1
    if (isShadowed) last.shadowRuns += 1
  }
  return {
    localShare: last.local / last.tasks,
    localShareByFamily: Object.fromEntries(
      [...byFamily].map(([name, counted]) => [name, counted.local / counted.tasks]),
    ),
    relativeQuality: last.right / last.tasks / frontierRight,
    frontierCalls: last.frontierCalls,
    shadowRuns: last.shadowRuns,
    threshold: thresholds.value('king'),
    thresholdChanges: changes,
    relativeQualityOverall: rightOverall / run.tasks / frontierRight,
  }
}

function drawFamily(families: readonly SyntheticFamily[], random: Random): SyntheticFamily {
  let rest = random() * families.reduce((sum, family) => sum + family.share, 0)
  for (const family of families) {
    rest -= family.share
    if (rest < 0) return family
  }
  return pick(families, random)
}

/** `{word}` and `{number}` are filled anew; `{list}` becomes `size` numbers. */
function promptOf(family: SyntheticFamily, random: Random): { text: string; size: number } {
  const size = 2 + Math.floor(random() * 6)
  const number = (): string => String(Math.floor(random() * 9000) + 10)
  const text = pick(family.phrasings, random)
    .replaceAll('{list}', () => Array.from({ length: size }, number).join(', '))
    .replaceAll('{word}', () => pick(words, random))
    .replaceAll('{number}', number)
  return { text, size }
}
