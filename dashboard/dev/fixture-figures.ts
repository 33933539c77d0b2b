import type { VillageStatus } from '../../src/http/contract.ts'
import { storyTimeMs, tasksPerFrame } from './fixture-clock.ts'

type Name = 'king' | 'sage' | 'magi'
type Point = VillageStatus['series'][number]

const frontierUsdPerFrame = 0.0182

/** Promotions move a share of the traffic, which then creeps up; Sage's rollback takes some back. */
const steps: Readonly<Record<Name, readonly (readonly [frame: number, share: number])[]>> = {
  king: [
    [11, 0.46],
    [18, 0.62],
    [26, 0.71],
    [40, 0.79],
  ],
  sage: [
    [19, 0.34],
    [30, 0.57],
    [44, 0.72],
    [47, 0.51],
    [54, 0.61],
  ],
  magi: [
    [34, 0.22],
    [42, 0.41],
    [52, 0.53],
  ],
}

export function agentShareAt(agent: Name, frame: number): number {
  const smoothed = [0, 1, 2].map((back) => stepValue(agent, frame - back))
  const mean = smoothed.reduce((sum, value) => sum + value, 0) / smoothed.length
  return Math.max(0, mean + (mean > 0 ? 0.02 * Math.sin(frame * 1.7 + agent.length) : 0))
}

export function localShareAt(frame: number): number {
  return (
    0.4 * agentShareAt('king', frame) +
    0.35 * agentShareAt('sage', frame) +
    0.25 * agentShareAt('magi', frame)
  )
}

export function savedUsdAt(frame: number): number {
  const last = seriesUpTo(frame).at(-1)
  return last ? last.alwaysFrontierCostUsd - last.costUsd : 0
}

export function seriesUpTo(frame: number): Point[] {
  const points: Point[] = []
  let costUsd = 0
  for (let index = 1; index <= frame; index += 1) {
    const share = localShareAt(index)
    const teacherShare = 0.12 * (1 - share)
    costUsd += frontierUsdPerFrame * (1 - share + 0.05 * share + teacherShare)
    points.push({
      atMs: storyTimeMs(index),
      tasks: index * tasksPerFrame,
      localShare: share,
      localShareByAgent: {
        king: agentShareAt('king', index),
        sage: agentShareAt('sage', index),
        magi: agentShareAt('magi', index),
      },
      localQuality: index < 12 ? null : qualityAt(index),
      thresholdByAgent: {
        king: thresholdAt('king', index),
        sage: thresholdAt('sage', index),
        magi: thresholdAt('magi', index),
      },
      costUsd,
      alwaysFrontierCostUsd: index * frontierUsdPerFrame,
    })
  }
  return points
}

export function agentsAt(
  frame: number,
  promotions: VillageStatus['promotions'],
): VillageStatus['agents'] {
  const tasks = frame * tasksPerFrame
  return (
    [
      ['king', 0.4],
      ['sage', 0.35],
      ['magi', 0.25],
    ] as const
  ).map(([name, part]) => {
    const promoted = promotions.findLast((each) => each.agent === name && each.to !== null)
    const share = agentShareAt(name, frame)
    const examples = Math.round(tasks * part * 0.62)
    return {
      name,
      frontierModel: frontierModels[name],
      teacherModel: name === 'king' ? null : 'qwen/qwen-2.5-72b-instruct',
      localModel: 'village-student-2m',
      checkpoint: promoted
        ? {
            hash: promoted.to as string,
            promotedAtMs: promoted.atMs,
            datasetVersionId: `${name}-dataset`,
          }
        : null,
      policy: promoted ? 'learned' : 'first-formula',
      threshold: thresholdAt(name, frame),
      localShare: frame === 0 ? null : share,
      localQuality: promoted ? qualityAt(frame) - (name === 'magi' ? 0.03 : 0) : null,
      localQualitySamples: promoted ? Math.round(tasks * part * 0.2) : 0,
      targetQuality: name === 'magi' ? null : targets[name],
      target: targetViews[name],
      candidates:
        name === 'sage'
          ? [
              {
                model: 'mistralai/mistral-small-3.2-24b-instruct',
                certificate: certificateAt(null),
              },
            ]
          : [],
      certificate: name === 'king' && promoted ? certificateAt(promoted.to) : null,
      tasks: Math.round(tasks * part),
      trainingExamples: examples,
      heldOutExamples: Math.round(examples * 0.15),
      examplesUntilTraining: 240 - (examples % 240),
      localLatencyMs: promoted ? 46 + name.length * 3 : null,
      frontierLatencyMs: frame === 0 ? null : 1_180 + name.charCodeAt(0) * 6,
    }
  })
}

const targetViews = {
  king: {
    alpha: 0.2,
    delta: 0.1,
    words: 'at most 20 % lost with 90 % confidence',
    boundsQuality: true,
    unmet: null,
  },
  sage: {
    alpha: 0.25,
    delta: 0.1,
    words: 'at most 25 % lost with 90 % confidence',
    boundsQuality: true,
    unmet: null,
  },
  magi: {
    budgetUsdPerDay: 2,
    words: 'at most $2 a day; quality is not bounded',
    boundsQuality: false,
    unmet: 'Audits alone cost more than is left of the budget.',
  },
} as const

function certificateAt(checkpoint: string | null) {
  return {
    epoch: 1,
    alpha: 0.2,
    delta: 0.1,
    checkpoint,
    threshold: 0.31,
    labels: 214,
    counted: 131,
    losses: 11,
    auditProbability: 0.05,
  }
}

const targets = { king: 0.8, sage: 0.75, magi: 0.85 } as const

const frontierModels = {
  king: 'nvidia/llama-3.1-nemotron-70b-instruct',
  sage: 'anthropic/claude-3.5-sonnet',
  magi: 'openai/o1-mini-2024-09-12',
} as const

function stepValue(agent: Name, frame: number): number {
  return steps[agent].findLast(([from]) => from <= frame)?.[1] ?? 0
}

function qualityAt(frame: number): number {
  const dip = frame >= 44 && frame <= 48 ? 0.05 : 0
  return 0.915 + 0.05 * Math.min(1, (frame - 12) / 40) - dip + 0.012 * Math.sin(frame * 0.9)
}

function thresholdAt(agent: Name, frame: number): number {
  const base = { king: 0.6, sage: 0.7, magi: 0.65 }[agent]
  const steered = steps[agent].filter(([from]) => from <= frame).length
  return Math.round((base - 0.25 + 0.05 * steered + (steered === 0 ? 0.25 : 0)) * 100) / 100
}
