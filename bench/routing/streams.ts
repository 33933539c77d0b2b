import { deriveSeed, seededRandom } from '../../src/kernel/random.ts'
import { CertifiedRouting } from '../../src/routing/certified-routing.ts'
import { answerSignalNames } from '../../src/routing/answer-signals.ts'
import { CascadeScorer } from '../../src/routing/cascade-scorer.ts'
import type { CascadeLabel } from '../../src/routing/cascade-scorer.ts'
import type { GainLabel } from '../../src/routing/gain-model.ts'
import { replayStream } from '../../src/routing/stream-replay.ts'
import type { StreamReport, StreamTask } from '../../src/routing/stream-replay.ts'
import { inRandomOrder } from './cross-validation.ts'

export type StreamSettings = {
  readonly alpha: number
  readonly delta: number
  readonly seeds: number
  readonly tasks: number
  /** After this share of the tasks the local model loses 20 points; null for no drift. */
  readonly driftAt: number | null
  readonly seed: number
  /**
   * The least chance of staying local at which the local model is asked first and its answer judged;
   * null for the request alone.
   */
  readonly leastStay: number | null
}

export type StreamSummary = {
  readonly seeds: number
  readonly violations: number
  readonly localShare: number
  readonly localShareAtEnd: number
  readonly handoverShare: number
  readonly auditShare: number
  /** The largest share of losses among the local answers of a whole run. */
  readonly worstRealisedLoss: number
  readonly labelsToCertify: number | null
  readonly certified: number
  readonly auditsToDetect: { readonly median: number; readonly worst: number } | null
  readonly undetected: number
  readonly falseAlarms: number
  /** The local share of the best fixed threshold in hindsight. */
  readonly bestFixedShare: number
}

type Task = StreamTask & { readonly entry: number; readonly score: number }

/** As in serving. */
const maxLabels = 2000

const pointsLost = 0.2

/**
 * Half of the tasks, drawn by the seed, are past labels from which the scorer is fitted, by the same
 * code as in serving; traffic draws from the other half, which the scorer never learns from.
 */
export function playStreams(labels: readonly GainLabel[], settings: StreamSettings): StreamSummary {
  const mixed = inRandomOrder(labels, seededRandom(deriveSeed(settings.seed, 'halves')))
  const half = Math.floor(mixed.length / 2)
  const tasks = mixed.map((label) => cascadeTask(label, settings))
  const model = CascadeScorer.fit(tasks.slice(0, Math.min(half, maxLabels)), answerSignalNames)
  const pool = tasks.slice(half).map((task) => ({
    entry: model.entry(task),
    score: model.score(task),
    localRight: !task.loss,
    frontierRight: true,
  }))
  const { past } = model
  const reports = Array.from({ length: settings.seeds }, (_, at) => {
    const random = seededRandom(deriveSeed(settings.seed, `stream ${at}`))
    const routing = new CertifiedRouting<Task>({
      agent: 'king',
      checkpoint: null,
      alpha: settings.alpha,
      delta: settings.delta,
      firstFitLabels: 1,
      growthPerFit: Number.POSITIVE_INFINITY,
      fit: () => ({ scorer: { name: model.name, ...scored }, past }),
    })
    return replayStream({
      routing,
      pool,
      tasks: settings.tasks,
      alpha: settings.alpha,
      random,
      ...(settings.driftAt === null
        ? {}
        : {
            drift: {
              at: Math.floor(settings.driftAt * settings.tasks),
              pool: weakened(pool, random),
            },
          }),
    })
  })
  return summaryOf(reports, settings, pool)
}

const scored = { entry: ({ entry }: Task) => entry, score: ({ score }: Task) => score }

function cascadeTask(label: GainLabel, { leastStay }: StreamSettings): CascadeLabel {
  const { request, answer, signals, localRight, frontierRight } = label
  return { request, answer, signals, leastStay, form: 'whole', loss: frontierRight && !localRight }
}

/** So many right answers become wrong, whatever their score, that 20 points are lost. */
function weakened(pool: readonly Task[], random: () => number): readonly Task[] {
  const right = pool.filter(({ localRight }) => localRight).length
  const chance = (pointsLost * pool.length) / Math.max(1, right)
  return pool.map(({ entry, score, localRight, frontierRight }) => ({
    entry,
    score,
    localRight: localRight && random() >= chance,
    frontierRight,
  }))
}

function summaryOf(
  reports: readonly StreamReport[],
  settings: StreamSettings,
  pool: readonly Task[],
): StreamSummary {
  const mean = (of: (report: StreamReport) => number): number =>
    reports.reduce((sum, report) => sum + of(report), 0) / reports.length
  const delays = reports
    .flatMap(({ auditsToDetect }) => auditsToDetect ?? [])
    .toSorted((left, right) => left - right)
  const certifying = reports
    .flatMap(({ labelsToCertify }) => labelsToCertify ?? [])
    .toSorted((left, right) => left - right)
  const hasDrift = settings.driftAt !== null
  return {
    seeds: reports.length,
    violations: reports.filter(({ violated }) => violated).length,
    localShare: mean(({ localShare }) => localShare),
    localShareAtEnd: mean(({ localShareAtEnd }) => localShareAtEnd),
    handoverShare: mean(({ handoverShare }) => handoverShare),
    auditShare: mean(({ audits }) => audits / settings.tasks),
    worstRealisedLoss: Math.max(...reports.map(({ realisedLoss }) => realisedLoss)),
    labelsToCertify: certifying[certifying.length >> 1] ?? null,
    certified: certifying.length,
    auditsToDetect:
      delays.length === 0
        ? null
        : { median: delays[delays.length >> 1] ?? 0, worst: delays.at(-1) ?? 0 },
    // Where nothing was served locally there was nothing to see.
    undetected: hasDrift ? certifying.length - delays.length : 0,
    falseAlarms: reports.reduce((sum, report) => sum + report.falseAlarms, 0),
    bestFixedShare: bestFixedShare(pool, settings.alpha),
  }
}

function bestFixedShare(pool: readonly Task[], alpha: number): number {
  const sorted = pool.toSorted((left, right) => left.score - right.score)
  let losses = 0
  let best = 0
  for (const [at, task] of sorted.entries()) {
    if (task.frontierRight && !task.localRight) losses += 1
    if (losses <= alpha * (at + 1)) best = (at + 1) / sorted.length
  }
  return best
}

export function streamLine(title: string, summary: StreamSummary): string {
  const { auditsToDetect: delay } = summary
  return [
    `  ${title}: ${summary.violations} of ${summary.seeds} runs violated`,
    `local ${percent(summary.localShare)} (${percent(summary.localShareAtEnd)} in the last quarter; best fixed threshold in hindsight ${percent(summary.bestFixedShare)})`,
    `handed over ${percent(summary.handoverShare)}`,
    `audited ${percent(summary.auditShare)} of all tasks`,
    `largest realised loss ${percent(summary.worstRealisedLoss)}`,
    `first certified after ${summary.labelsToCertify ?? '–'} labels (median; ${summary.certified} runs)`,
    delay === null
      ? `no drift seen`
      : `drift seen after ${delay.median} audits (median), ${delay.worst} (worst), never in ${summary.undetected}`,
    `${summary.falseAlarms} false alarms`,
  ].join('; ')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
