import type { DecisionTrail, VillageStatus } from '../../src/http/contract.ts'
import { storyTimeMs } from './fixture-clock.ts'
import { agentShareAt } from './fixture-figures.ts'

type Decision = VillageStatus['decisions'][number]

const tasks = [
  ['king', 'Sort this ticket: "The invoice of March was charged twice, please refund one."'],
  ['sage', 'Extract name, date and amount as JSON: Paid to Orla Brandt on 3 May, 410.00 EUR'],
  ['magi', 'Write SQL: all customers in Lisbon with more than 3 orders, newest first'],
  ['king', 'Which team handles this? "Login fails on the new phone since the update"'],
  [
    'sage',
    'From the passage: in which year did the mill stop? The mill at Harrow ran until 1911 …',
  ],
  ['magi', 'Write a function that returns the second largest number of a list'],
] as const

const frontierModels = {
  king: 'nvidia/llama-3.1-nemotron-70b-instruct',
  sage: 'anthropic/claude-3.5-sonnet',
  magi: 'openai/o1-mini-2024-09-12',
} as const

const shownDecisions = 24

/** The latest decisions, newest first. */
export function decisionsAt(frame: number): Decision[] {
  if (frame === 0) return []
  return Array.from({ length: Math.min(shownDecisions, frame * 6) }, (_unused, back) =>
    decision(frame * 6 - back),
  )
}

export function trailOf(id: string): DecisionTrail | null {
  const number = Number(/^decision-(\d+)$/.exec(id)?.[1])
  if (!Number.isInteger(number)) return null
  const decided = decision(number)
  const local = decided.route === 'local'
  return {
    decision: decided,
    taskId: `task-${number}`,
    checkpoint: local
      ? {
          hash: '5f1c09ab77e24d10',
          trainingRunId: `run-${decided.agent}-1`,
          datasetVersionId: `${decided.agent}-dataset`,
        }
      : null,
    dataset: local
      ? {
          id: `${decided.agent}-dataset`,
          hash: 'a94d3301ce5577b8',
          examples: 486,
          byRight: {
            'nvidia/llama-3.1-nemotron-70b-instruct (yes, models-list)': 452,
            'user (granted, user-correction)': 34,
          },
        }
      : null,
    interactions: interactions(decided, local),
    comparisons: [
      {
        id: `comparison-${number}`,
        source: local ? 'audit' : 'shadow',
        method: decided.agent === 'magi' ? 'unit-tests' : 'exact',
        verdict: local ? 'both' : 'reference-only',
        probability: local ? 0.05 : 0.5,
        secondOpinions: [],
      },
    ],
    savedUsd: decided.savedUsd,
    explanation: {
      sentence: decided.reason,
      weighed: [
        { what: 'its record in 48 checks of this kind of task', effect: local ? -0.21 : 0.18 },
        { what: "the local model's record in 230 checks of this agent", effect: -0.06 },
        { what: '"refund"', effect: 0.02 },
      ],
      alternative: local
        ? { route: 'frontier', costUsd: 0.00023, expectedLoss: 0 }
        : { route: 'local', costUsd: 0, expectedLoss: decided.complexity ?? 1 },
    },
    certificate: local && decided.agent === 'king' ? { epoch: 1, alpha: 0.2, delta: 0.1 } : null,
  }
}

function decision(number: number): Decision {
  const [agent, preview] = tasks[number % tasks.length] ?? tasks[0]
  const frame = Math.floor(number / 6)
  const complexity = Math.round(((number * 0.618) % 1) * 100) / 100
  const threshold = Math.round(agentShareAt(agent, frame) * 100) / 100
  const local = complexity < threshold
  return {
    id: `decision-${number}`,
    atMs: storyTimeMs(frame) - ((6 - (number % 6)) % 6) * 700,
    agent,
    route: local ? 'local' : 'frontier',
    model: local ? 'local/village-student-2m' : frontierModels[agent],
    reason: local
      ? 'The local model has been right on tasks like this one; the risk is below the threshold.'
      : 'The local answer would probably not be good enough; the frontier answers.',
    complexity,
    threshold,
    audited: local && number % 9 === 0,
    savedUsd: local ? 0.000214 : 0,
    preview,
  }
}

function interactions(decided: Decision, local: boolean): DecisionTrail['interactions'] {
  const answer =
    decided.agent === 'sage' ? '{"name":"Orla Brandt","amount":410}' : 'billing, normal'
  const served = {
    id: `${decided.id}-served`,
    purpose: 'serve',
    model: decided.model,
    answer,
    costUsd: local ? 0 : 0.000214,
    latencyMs: local ? 52 : 1_840,
    error: null,
  } as const
  const other = {
    ...served,
    id: `${decided.id}-other`,
    purpose: local ? 'audit' : 'shadow',
    model: local && decided.agent ? frontierModels[decided.agent] : 'local/village-student-2m',
    costUsd: local ? 0.000214 : 0,
    latencyMs: local ? 1_840 : 52,
  } as const
  return [served, other]
}
