import { parseArgs } from 'node:util'
import { deriveSeed, seededRandom } from '../src/kernel/random.ts'
import type { GainLabel, GainModel } from '../src/routing/gain-model.ts'
import { certificationTime } from './routing/certification-time.ts'
import { crossValidated, labelsOf } from './routing/cross-validation.ts'
import type { Stage } from './routing/cross-validation.ts'
import { decisionTime } from './routing/decision-time.ts'
import { bootstrapGap, gapRecovered } from './routing/metrics.ts'
import type { GapRecovered, ScoredOutcome } from './routing/metrics.ts'
import { moneyRows } from './routing/money.ts'
import {
  mmluPro,
  readOutcomes,
  routeLlmGsm8k,
  routeLlmMmlu,
  zeroEvalCrux,
  zeroEvalGsm,
} from './routing/outcomes.ts'
import type { OutcomeSet } from './routing/outcomes.ts'
import { partialFeedback } from './routing/partial-feedback.ts'
import { playStreams, streamLine } from './routing/streams.ts'
import { atLeast, atMost, published } from './routing/targets.ts'
import type { TargetRow } from './routing/targets.ts'

/**
 * `npm run bench:routing -- --data DIR [--only mmlu,gsm8k,…] [--json]`: every row of the table of
 * targets. `--outcomes FILE --weak NAME --strong NAME [--peers A,B]` does the same for any file of
 * outcomes; `--stream` plays one as traffic with partial feedback instead. `--least-stay Q`: the local
 * model is asked first where its answer stays with a chance of Q or more.
 */
const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    outcomes: { type: 'string' },
    weak: { type: 'string', default: 'weak' },
    strong: { type: 'string', default: 'strong' },
    peers: { type: 'string', default: '' },
    only: { type: 'string' },
    stream: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '200' },
    tasks: { type: 'string', default: '10000' },
    alpha: { type: 'string', default: '0.03' },
    delta: { type: 'string', default: '0.1' },
    'least-stay': { type: 'string', default: '0.1' },
    json: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const delta = Number(values.delta)
const everyLabel = Number.POSITIVE_INFINITY
const rows: TargetRow[] = []

type Measured = { readonly gap: GapRecovered; readonly scored: readonly ScoredOutcome[] }

const sections: Readonly<Record<string, (folder: string) => void>> = {
  mmlu: (folder) => {
    const set = routeLlmMmlu(folder)
    const labels = labelsOf(set.outcomes, 'pre')
    baselines(set, 'mmlu')
    let model: GainModel | null = null
    const keep = (fold: { model: GainModel }): void => void (model ??= fold.model)
    const all = measure('pre, all labels', labels, { onFold: keep, money: 'pre' })
    const few = measure('pre, 1,500 labels', labels, { budget: 1500 })
    measure('pre, 300 labels', labels, { budget: 300 })
    const ends = endsOf(all.scored)
    rows.push(
      atLeast('mmlu-pre-apgr', all.gap.apgr, 0.72, ends.apgr),
      atMost('mmlu-pre-cpt80', all.gap.cpt80, 54, ends.cpt80),
      atLeast('mmlu-pre-1500-labels-apgr', few.gap.apgr, 0.67, endsOf(few.scored).apgr),
    )
    if (model === null) return
    const time = decisionTime(model, set.outcomes.slice(0, 3000))
    say(`  one decision: ${time.p50Ms.toFixed(3)} ms p50, ${time.p99Ms.toFixed(3)} ms p99 of CPU`)
    rows.push(atMost('decision-p99-ms', time.p99Ms, 1))
  },
  partial: (folder) => {
    const labels = labelsOf(routeLlmMmlu(folder).outcomes, 'pre')
    const { lost, extraFrontierCalls, labelled } = partialFeedback(labels, { seed, foldCount: 2 })
    say(
      `partial feedback (MMLU, 2 folds): APGR lost ${lost.toFixed(4)}, ${percent(labelled)} of the tasks labelled, ${percent(extraFrontierCalls)} extra frontier calls`,
    )
    rows.push(
      atMost('partial-feedback-apgr-lost', lost, 0.01),
      atMost('partial-feedback-extra-calls', extraFrontierCalls, 0.05),
    )
  },
  gsm8k: (folder) => {
    const set = routeLlmGsm8k(folder)
    const { pre, post } = bothStages(set, 'gsm8k')
    rows.push(
      atLeast('gsm8k-pre-apgr', pre.gap.apgr, 0.65, endsOf(pre.scored).apgr),
      atLeast('gsm8k-post-apgr', post.gap.apgr, 0.72, endsOf(post.scored).apgr),
    )
  },
  'mmlu-pro': (folder) => {
    const set = mmluPro(folder)
    const { pre, post } = bothStages(set, 'mmlu-pro')
    rows.push(
      atLeast('mmlu-pro-pre-apgr', pre.gap.apgr, 0.6, endsOf(pre.scored).apgr),
      atLeast('mmlu-pro-post-apgr', post.gap.apgr, 0.72, endsOf(post.scored).apgr),
    )
  },
  'zeroeval-gsm': (folder) => {
    const { post } = bothStages(zeroEvalGsm(folder), 'zeroeval-gsm')
    const ends = endsOf(post.scored)
    rows.push(
      atLeast('zeroeval-gsm-post-apgr', post.gap.apgr, 0.93, ends.apgr),
      atMost('zeroeval-gsm-post-cpt80', post.gap.cpt80, 12, ends.cpt80),
    )
  },
  'zeroeval-crux': (folder) => {
    const { post } = bothStages(zeroEvalCrux(folder), 'zeroeval-crux')
    rows.push(atLeast('zeroeval-crux-post-apgr', post.gap.apgr, 0.7, endsOf(post.scored).apgr))
  },
  certify: () => {
    for (const alpha of [0.03, 0.1, 0.15]) {
      for (const [name, loss] of [
        ['none', 0],
        ['a third of alpha', alpha / 3],
        ['half of alpha', alpha / 2],
      ] as const) {
        const time = certificationTime({ alpha, delta, loss, seeds: Number(values.seeds), seed })
        say(
          `certification at α ${percent(alpha)}, true loss ${name}: ${time.median} labels (median); no test needs fewer than ${time.leastMean.toFixed(0)} on average`,
        )
        if (loss === alpha / 2) {
          rows.push(atMost(`certify-alpha-${alpha}-half-labels-median`, time.median, 400))
        }
      }
    }
  },
  'guarantee-gsm': (folder) => {
    guarantee('gsm', zeroEvalGsm(folder), { alpha: 0.03, leastShare: 0.7 })
  },
  'guarantee-mmlu-pro': (folder) => {
    guarantee('mmlu-pro', mmluPro(folder), { alpha: 0.15, leastShare: 0.35 })
  },
}

if (values.outcomes !== undefined) {
  const peers = values.peers.split(',').filter((peer) => peer !== '')
  const set = readOutcomes(values.outcomes, { weak: values.weak, strong: values.strong, peers })
  if (values.stream) guarantee('outcomes', set, { alpha: Number(values.alpha), leastShare: 0 })
  else bothStages(set, 'outcomes')
} else if (values.data === undefined) {
  console.error('bench:routing needs --data DIR (the folder routing-data) or --outcomes FILE')
  process.exitCode = 1
} else {
  const asked = values.only?.split(',') ?? Object.keys(sections)
  const chosen = values.stream ? asked.filter((name) => name.startsWith('guarantee')) : asked
  for (const name of chosen) {
    const section = sections[name]
    if (section === undefined) {
      throw new Error(`there is no part "${name}"; there are ${Object.keys(sections).join(', ')}`)
    }
    section(values.data)
  }
}
if (values.json) for (const row of rows) console.log(JSON.stringify(row))
else if (rows.length > 0) console.log(targetTable())

function bothStages(set: OutcomeSet, name: string): { pre: Measured; post: Measured } {
  baselines(set, name)
  const pre = measure('pre', labelsOf(set.outcomes, 'pre'), { money: 'pre' })
  const post = measure('post', labelsOf(set.outcomes, 'post'), { money: 'post' })
  return { pre, post }
}

function baselines({ name, outcomes }: OutcomeSet, id: string): void {
  const share = (right: (outcome: (typeof outcomes)[number]) => boolean): string =>
    percent(outcomes.filter(right).length / outcomes.length)
  const local = share((outcome) => outcome.local.correct)
  const frontier = share((outcome) => outcome.frontier.correct)
  say(`${name}: ${outcomes.length} tasks, local ${local} right, frontier ${frontier}`)
  say(`  ${''.padEnd(46)}   APGR  CPT50  CPT80`)
  const random = seededRandom(deriveSeed(seed, 'baseline'))
  const scores: Readonly<Record<string, (outcome: (typeof outcomes)[number]) => number>> = {
    random: () => random(),
    'prompt length': ({ prompt }) => prompt.length,
    oracle: (outcome) => Number(outcome.frontier.correct) - Number(outcome.local.correct),
  }
  for (const [baseline, score] of Object.entries(scores)) {
    const scored = outcomes.map((outcome) => ({
      score: score(outcome),
      localRight: outcome.local.correct,
      frontierRight: outcome.frontier.correct,
    }))
    say(gapLine(baseline, gapRecovered(scored, seededRandom(seed))))
  }
  for (const line of published[id] ?? []) say(`  ${line}`)
}

function measure(
  title: string,
  labels: readonly GainLabel[],
  options: {
    readonly budget?: number
    readonly money?: Stage
    readonly onFold?: (fold: { model: GainModel }) => void
  } = {},
): Measured {
  const choices: string[] = []
  let calibrationError = 0
  const scored = crossValidated(labels, {
    seed,
    budget: options.budget ?? everyLabel,
    onFold: (fold) => {
      choices.push(fold.model.choice)
      const meanGain = fold.test.reduce(
        (sum, task) => sum + fold.model.gainAt(fold.model.score(task)) - gainOf(task),
        0,
      )
      calibrationError += Math.abs(meanGain / fold.test.length) / 5
      options.onFold?.(fold)
    },
  })
  const gap = gapRecovered(scored, seededRandom(seed))
  const ends = endsOf(scored)
  say(
    `${gapLine(title, gap)}   [${ends.apgr.low.toFixed(3)}, ${ends.apgr.high.toFixed(3)}]; chosen: ${[...new Set(choices)].join(', ')}; mean gain off by ${calibrationError.toFixed(3)}`,
  )
  if (options.money !== undefined) {
    const everyTaskRunsLocally = options.money === 'post'
    for (const { asked, kept, cost } of moneyRows(scored, { everyTaskRunsLocally, seed })) {
      say(
        `    asked for ${percent(asked)} of the quality: kept ${percent(kept)} for ${percent(cost)} of the money`,
      )
    }
  }
  return { gap, scored }
}

function guarantee(
  name: string,
  set: OutcomeSet,
  asked: { readonly alpha: number; readonly leastShare: number },
): void {
  const labels = labelsOf(set.outcomes, 'post')
  const common = {
    leastStay: Number(values['least-stay']),
    alpha: asked.alpha,
    delta,
    seeds: Number(values.seeds),
    tasks: Number(values.tasks),
    seed,
  }
  const alone = playStreams(labels, { ...common, leastStay: null, driftAt: null })
  const unaided = set.outcomes.map((outcome) => ({ ...outcome, peers: [] }))
  const single = playStreams(labelsOf(unaided, 'post'), { ...common, driftAt: null })
  const steady = playStreams(labels, { ...common, driftAt: null })
  const drifting = playStreams(labels, { ...common, driftAt: 0.5 })
  say(`${set.name}: α ${percent(asked.alpha)}, δ ${percent(delta)}, ${values.tasks} tasks a run`)
  say(streamLine('the request alone decides', alone))
  say(streamLine('cascade, the answer alone', single))
  say(streamLine('cascade, with the peers', steady))
  say(streamLine('the local model loses 20 points halfway', drifting))
  rows.push(
    atMost(`guarantee-${name}-violations-request-alone`, alone.violations / alone.seeds, delta),
    atMost(`guarantee-${name}-violations-answer-alone`, single.violations / single.seeds, delta),
    atMost(`guarantee-${name}-violations`, steady.violations / steady.seeds, delta),
    atMost(`guarantee-${name}-violations-with-drift`, drifting.violations / drifting.seeds, delta),
    atLeast(`guarantee-${name}-local-share`, steady.localShare, asked.leastShare),
    atMost(
      `guarantee-${name}-audits-to-detect-worst`,
      drifting.undetected > 0 ? Number.POSITIVE_INFINITY : (drifting.auditsToDetect?.worst ?? 0),
      150,
    ),
  )
}

function endsOf(scored: readonly ScoredOutcome[]): ReturnType<typeof bootstrapGap> {
  return bootstrapGap(scored, seededRandom(deriveSeed(seed, 'bootstrap')))
}

function gapLine(title: string, gap: GapRecovered): string {
  return `  ${title.padEnd(46)} ${gap.apgr.toFixed(3).padStart(6)} ${gap.cpt50.toFixed(1).padStart(6)} ${gap.cpt80.toFixed(1).padStart(6)}`
}

function gainOf({ localRight, frontierRight }: GainLabel): number {
  return Number(frontierRight) - Number(localRight)
}

function targetTable(): string {
  return rows
    .map(
      ({ id, value, target, reached }) =>
        `${id.padEnd(44)} ${value.toFixed(3).padStart(8)}  target ${String(target).padStart(6)}  ${reached ? 'reached' : 'NOT reached'}`,
    )
    .join('\n')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function say(line: string): void {
  if (values.json) process.stderr.write(`${line}\n`)
  else console.log(line)
}
