import { z } from 'zod'

/** What the dashboard and the CLI read. Times are milliseconds since the epoch, money is in USD. */
const Agent = z.enum(['king', 'sage', 'magi'])
const Route = z.enum(['local', 'frontier'])

const LoopStage = z.enum([
  'starting',
  'serving',
  'collecting',
  'training',
  'evaluating',
  'promoting',
  'rolling-back',
  'draining',
])

/** Every field as in `TargetView` of `src/village/target-view.ts`; `POST /village/targets/{agent}` answers with it. */
export const AgentTarget = z.object({
  alpha: z.number().optional(),
  delta: z.number().optional(),
  budgetUsdPerDay: z.number().optional(),
  latencyMs: z.number().optional(),
  words: z.string(),
  boundsQuality: z.boolean(),
  unmet: z.string().nullable(),
})

export type AgentTarget = z.infer<typeof AgentTarget>

const AgentCertificate = z.object({
  epoch: z.number(),
  alpha: z.number(),
  delta: z.number(),
  checkpoint: z.string().nullable(),
  threshold: z.number(),
  labels: z.number(),
  counted: z.number(),
  losses: z.number(),
  auditProbability: z.number(),
})

const AgentStatus = z.object({
  name: Agent,
  frontierModel: z.string(),
  teacherModel: z.string().nullable(),
  localModel: z.string(),
  checkpoint: z
    .object({ hash: z.string(), promotedAtMs: z.number(), datasetVersionId: z.string() })
    .nullable(),
  /** The evaluator's policy in force: `first-formula` until there is evidence, then `learned`. */
  policy: z.string(),
  threshold: z.number(),
  /** Shares and rates are 0–1; null while nothing was measured. */
  localShare: z.number().nullable(),
  localQuality: z.number().nullable(),
  localQualitySamples: z.number(),
  /** Null where the target bounds no quality. */
  targetQuality: z.number().nullable(),
  target: AgentTarget,
  /** Null under other policies than `certified`, and before the first is being earned. */
  certificate: AgentCertificate.nullable(),
  /** Cheaper frontier models, cheapest first, each with what is certified of it. */
  candidates: z.array(z.object({ model: z.string(), certificate: AgentCertificate.nullable() })),
  tasks: z.number(),
  trainingExamples: z.number(),
  heldOutExamples: z.number(),
  /** New examples still missing until training starts by itself. */
  examplesUntilTraining: z.number(),
  localLatencyMs: z.number().nullable(),
  frontierLatencyMs: z.number().nullable(),
})

/** One point per bucket of time or tasks; the last points cover the last tasks. */
const SeriesPoint = z.object({
  atMs: z.number(),
  /** Running total, as the money is. */
  tasks: z.number(),
  localShare: z.number().nullable(),
  localShareByAgent: z.record(Agent, z.number().nullable()),
  localQuality: z.number().nullable(),
  thresholdByAgent: z.record(Agent, z.number()),
  /** Running totals. */
  costUsd: z.number(),
  alwaysFrontierCostUsd: z.number(),
})

const KindResult = z.object({
  kind: z.string(),
  tasks: z.number(),
  candidateRight: z.number(),
  servingRight: z.number(),
})

const RunStatus = z.object({
  id: z.string(),
  agent: Agent,
  status: z.enum(['running', 'evaluating', 'promoted', 'refused', 'failed', 'cancelled']),
  trigger: z.string(),
  phase: z.string(),
  step: z.number(),
  maxSteps: z.number(),
  metrics: z.record(z.string(), z.number()),
  reason: z.string().nullable(),
  startedAtMs: z.number(),
  finishedAtMs: z.number().nullable(),
  checkpointHash: z.string().nullable(),
  gate: z
    .object({
      tasks: z.number(),
      candidateRight: z.number(),
      servingRight: z.number(),
      pValue: z.number(),
      promoted: z.boolean(),
      why: z.string(),
      kinds: z.array(KindResult),
    })
    .nullable(),
})

const DecisionSummary = z.object({
  id: z.string(),
  atMs: z.number(),
  agent: Agent.nullable(),
  route: Route,
  model: z.string(),
  reason: z.string(),
  complexity: z.number().nullable(),
  threshold: z.number().nullable(),
  audited: z.boolean(),
  savedUsd: z.number(),
  /** The first characters of the task. */
  preview: z.string(),
})

/** Every field as in `ReplicaStatus` of `src/serving/replicated-model.ts`. */
const Replica = z.object({
  name: z.string(),
  state: z.enum(['closed', 'open', 'half-open']),
  draining: z.boolean(),
  weight: z.number(),
  outstanding: z.number(),
  calls: z.number(),
  failures: z.number(),
  failureShare: z.number(),
  firstWordMs: z.number().nullable(),
  wholeAnswerMs: z.number().nullable(),
  restsUntilMs: z.number().nullable(),
  lastError: z.string().nullable(),
})

export const VillageStatus = z.object({
  version: z.string(),
  startedAtMs: z.number(),
  nowMs: z.number(),
  /** True when the frontier is the simulated OpenRouter and tasks are demo traffic. */
  simulated: z.boolean(),
  frontier: z.object({ baseUrl: z.string(), lastError: z.string().nullable() }),
  /** Models answered by several servers or keys; empty where there is one of each. */
  replicas: z.array(z.object({ model: z.string(), replicas: z.array(Replica) })).optional(),
  trainer: z.object({
    state: z.enum(['missing', 'installing', 'ready', 'failed']),
    detail: z.string(),
  }),
  loop: z.object({ stage: LoopStage, agent: Agent.nullable(), detail: z.string() }),
  totals: z.object({
    tasks: z.number(),
    localTasks: z.number(),
    audits: z.number(),
    shadowRuns: z.number(),
    teacherCalls: z.number(),
    handovers: z.number(),
    handoverMs: z.number(),
    /** Answers given again to equal requests, and to similar ones; of these, what was checked. */
    cacheHits: z.number().optional(),
    semanticHits: z.number().optional(),
    cacheAudits: z.number().optional(),
    /** Answers made before they were asked for again. */
    warmedAnswers: z.number().optional(),
    promotions: z.number(),
    rollbacks: z.number(),
    refusedByGate: z.number(),
    costUsd: z.number(),
    alwaysFrontierCostUsd: z.number(),
    savedUsd: z.number(),
  }),
  agents: z.array(AgentStatus),
  series: z.array(SeriesPoint),
  runs: z.array(RunStatus),
  promotions: z.array(
    z.object({
      id: z.string(),
      agent: Agent,
      action: z.enum(['promotion', 'rollback', 'forced']),
      from: z.string().nullable(),
      to: z.string().nullable(),
      reason: z.string(),
      atMs: z.number(),
    }),
  ),
  decisions: z.array(DecisionSummary),
})

export type VillageStatus = z.infer<typeof VillageStatus>

/** `GET /village/decisions/{id}`: everything that led to one answer, and what came of it. */
export const DecisionTrail = z.object({
  decision: DecisionSummary,
  taskId: z.string(),
  checkpoint: z
    .object({ hash: z.string(), trainingRunId: z.string(), datasetVersionId: z.string() })
    .nullable(),
  dataset: z
    .object({
      id: z.string(),
      hash: z.string(),
      examples: z.number(),
      byRight: z.record(z.string(), z.number()),
    })
    .nullable(),
  interactions: z.array(
    z.object({
      id: z.string(),
      purpose: z.enum([
        'serve',
        'shadow',
        'audit',
        'teacher',
        'handover',
        'cache-audit',
        'warming',
      ]),
      model: z.string(),
      answer: z.string(),
      costUsd: z.number(),
      latencyMs: z.number(),
      error: z.string().nullable(),
    }),
  ),
  comparisons: z.array(
    z.object({
      id: z.string(),
      source: z.string(),
      method: z.string(),
      verdict: z.string(),
      probability: z.number(),
      /** Comparators that saw it otherwise. */
      secondOpinions: z.array(z.object({ method: z.string(), verdict: z.string() })),
    }),
  ),
  savedUsd: z.number(),
  /** Null for a model that the client named, and for decisions of earlier versions. */
  explanation: z
    .object({
      sentence: z.string(),
      weighed: z.array(z.object({ what: z.string(), effect: z.number() })),
      alternative: z.object({ route: Route, costUsd: z.number(), expectedLoss: z.number() }),
    })
    .nullable(),
  /** What a local answer was served by. */
  certificate: z.object({ epoch: z.number(), alpha: z.number(), delta: z.number() }).nullable(),
})

export type DecisionTrail = z.infer<typeof DecisionTrail>

/** `GET /village/events` sends `event: status` with a `VillageStatus`, at most one a second. */
export const statusEventName = 'status'
