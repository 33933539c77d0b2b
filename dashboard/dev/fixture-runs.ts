import type { VillageStatus } from '../../src/http/contract.ts'
import { storyTimeMs } from './fixture-clock.ts'

type Run = VillageStatus['runs'][number]
type Gate = NonNullable<Run['gate']>
type Promotion = VillageStatus['promotions'][number]

type Plan = {
  readonly id: string
  readonly agent: Run['agent']
  readonly fromFrame: number
  /** The last frame of the gate; the verdict is out one frame later. */
  readonly toFrame: number
  readonly promoted: boolean
  readonly gate: Gate
  readonly hash: string
  readonly before: string | null
}

const hashes = {
  kingOne: '5f1c09ab77e24d10',
  sageOne: '9be4417c02aa61f3',
  sageTwo: '2d70fe81b95c3e46',
  magiOne: 'e83a5b0c19d2f774',
  magiTwo: '71c6d8e40f2b95aa',
} as const

const kindsOf = {
  king: ['ticket-priority', 'ticket-team', 'record-reshaping'],
  sage: ['field-extraction', 'passage-question', 'date-reading'],
  magi: ['sql-filter', 'small-function', 'list-transform'],
} as const

const plans: readonly Plan[] = [
  plan('run-king-1', 'king', 6, 10, hashes.kingOne, null, [12, 51, 60]),
  plan('run-sage-1', 'sage', 14, 18, hashes.sageOne, null, [9, 44, 60]),
  plan('run-magi-1', 'magi', 22, 26, hashes.magiOne, null, [11, 16, 60]),
  plan('run-magi-2', 'magi', 29, 33, hashes.magiTwo, null, [11, 39, 60]),
  plan('run-sage-2', 'sage', 39, 43, hashes.sageTwo, hashes.sageOne, [44, 55, 60]),
  plan('run-king-2', 'king', 53, 61, 'c04be19977a5d231', hashes.kingOne, [51, 57, 60]),
]

const rollbackFrame = 47

export function runsAt(frame: number): Run[] {
  return plans
    .filter((each) => each.fromFrame <= frame)
    .map((each) => runAt(each, frame))
    .toReversed()
}

export function promotionsAt(frame: number): Promotion[] {
  const promoted = plans
    .filter((each) => each.promoted && each.toFrame < frame)
    .map((each): Promotion => ({
      id: `promotion-${each.id}`,
      agent: each.agent,
      action: 'promotion',
      from: each.before,
      to: each.hash,
      reason: each.gate.why,
      atMs: storyTimeMs(each.toFrame + 1),
    }))
  const rollback: Promotion = {
    id: 'rollback-sage',
    agent: 'sage',
    action: 'rollback',
    from: hashes.sageTwo,
    to: hashes.sageOne,
    reason: 'Live audits fell to 88 % where 95 % were expected from the gate (34 audits).',
    atMs: storyTimeMs(rollbackFrame),
  }
  const all = frame >= rollbackFrame ? [...promoted, rollback] : promoted
  return all.toSorted((a, b) => a.atMs - b.atMs)
}

function plan(
  id: string,
  agent: Run['agent'],
  fromFrame: number,
  toFrame: number,
  hash: string,
  before: string | null,
  [serving, candidate, tasks]: readonly [number, number, number],
): Plan {
  const promoted = candidate - serving >= 6
  const pValue = promoted ? 0.0004 : 0.18
  const why = promoted
    ? `Better on ${candidate - serving} of ${tasks} held-out tasks, no kind of task fell.`
    : `Better on ${candidate - serving} of ${tasks} held-out tasks only: that may be chance.`
  const kinds = kindsOf[agent].map((kind, index) => ({
    kind,
    tasks: tasks / 3,
    servingRight: Math.min(tasks / 3, Math.round(serving / 3) + (index - 1) * 2),
    candidateRight: Math.min(tasks / 3, Math.round(candidate / 3) + (index - 1)),
  }))
  const gate = {
    tasks,
    candidateRight: candidate,
    servingRight: serving,
    pValue,
    promoted,
    why,
    kinds,
  }
  return { id, agent, fromFrame, toFrame, promoted, gate, hash, before }
}

function runAt(each: Plan, frame: number): Run {
  const over = frame > each.toFrame
  const evaluating = frame === each.toFrame
  const done = Math.min(1, (frame - each.fromFrame + 0.5) / (each.toFrame - each.fromFrame))
  const inDpo = each.before !== null && done > 0.55
  const maxSteps = inDpo ? 60 : 240
  const part = inDpo ? (done - 0.55) / 0.45 : each.before === null ? done : done / 0.55
  return {
    id: each.id,
    agent: each.agent,
    status: over ? (each.promoted ? 'promoted' : 'refused') : evaluating ? 'evaluating' : 'running',
    trigger: '120 new examples',
    phase: inDpo ? 'dpo' : 'sft',
    step: over || evaluating ? maxSteps : Math.round(maxSteps * part),
    maxSteps,
    metrics: {
      loss: 2.1 * Math.exp(-3 * done) + 0.21,
      ...(inDpo
        ? { 'rewards/accuracies': 0.62 + 0.3 * part, 'rewards/margins': 0.1 + 0.9 * part }
        : {}),
    },
    reason: over && !each.promoted ? each.gate.why : null,
    startedAtMs: storyTimeMs(each.fromFrame),
    finishedAtMs: over ? storyTimeMs(each.toFrame + 1) : null,
    checkpointHash: over || evaluating ? each.hash : null,
    gate: over ? each.gate : null,
  }
}
