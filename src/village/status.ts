import { agentNames } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import type { ReplicaStatus } from '../serving/replicated-model.ts'
import type { Accounting } from './figures/accounting.ts'
import type { CandidateChain } from './planning/candidate-chain.ts'
import type { CertificateView } from './planning/certificate-view.ts'
import type { StatusBoard } from './figures/status-board.ts'
import type { TargetView } from './planning/target-view.ts'

type AgentLearningView = {
  readonly checkpoint: { readonly hash: string; readonly datasetVersionId: string } | null
  readonly trainingExamples: number
  readonly heldOutExamples: number
  readonly examplesUntilTraining: number
}

export type StatusSources = {
  readonly version: string
  readonly startedAtMs: number
  readonly simulated: boolean
  readonly baseUrl: string
  replicas(): readonly {
    readonly model: string
    readonly replicas: readonly ReplicaStatus[]
  }[]
  readonly accounting: Accounting
  readonly board: StatusBoard
  readonly agents: Readonly<
    Record<AgentName, { readonly frontierModel: string; readonly teacherModel: string | null }>
  >
  now(): number
  lastFrontierError(): string | null
  trainer(): {
    readonly state: 'missing' | 'installing' | 'ready' | 'failed'
    readonly detail: string
  }
  policy(agent: AgentName): string
  target(agent: AgentName): TargetView
  certificate(agent: AgentName): CertificateView | null
  candidates(agent: AgentName): ReturnType<CandidateChain['view']>
  thresholds(): Readonly<Record<AgentName, number>>
  learning(agent: AgentName): AgentLearningView
}

/** What the dashboard and the CLI show; built from figures in memory, whatever the history holds. */
export function villageStatus(sources: StatusSources) {
  const { accounting, board } = sources
  const { totals } = accounting
  return {
    version: sources.version,
    startedAtMs: sources.startedAtMs,
    nowMs: sources.now(),
    simulated: sources.simulated,
    frontier: { baseUrl: sources.baseUrl, lastError: sources.lastFrontierError() },
    replicas: sources.replicas().map(({ model, replicas }) => ({ model, replicas: [...replicas] })),
    trainer: { ...sources.trainer() },
    loop: { ...board.loop },
    totals: {
      tasks: totals.tasks,
      localTasks: totals.localTasks,
      audits: totals.audits,
      shadowRuns: totals.shadowRuns,
      teacherCalls: totals.teacherCalls,
      handovers: totals.handovers,
      handoverMs: totals.handoverMs,
      cacheHits: totals.cacheHits,
      semanticHits: totals.semanticHits,
      cacheAudits: totals.cacheAudits,
      warmedAnswers: totals.warmedAnswers,
      ...board.counts,
      costUsd: totals.costNanoUsd / 1e9,
      alwaysFrontierCostUsd: totals.alwaysFrontierNanoUsd / 1e9,
      savedUsd: (totals.alwaysFrontierNanoUsd - totals.costNanoUsd) / 1e9,
    },
    agents: agentNames.map((name) => agentStatus(name, sources)),
    series: accounting.series.points(),
    runs: board.runs().map(({ datasetVersionId: _, ...run }) => run),
    promotions: board.promotions.map(({ evaluationId: _, ...promotion }) => promotion),
    decisions: [...board.decisions],
  }
}

function agentStatus(name: AgentName, sources: StatusSources) {
  const figures = sources.accounting.agents[name]
  const learning = sources.learning(name)
  const { checkpoint } = learning
  const { frontierModel, teacherModel } = sources.agents[name]
  const target = sources.target(name)
  return {
    name,
    frontierModel,
    teacherModel,
    localModel: `local/${name}`,
    checkpoint:
      checkpoint === null
        ? null
        : {
            hash: checkpoint.hash,
            datasetVersionId: checkpoint.datasetVersionId,
            promotedAtMs: sources.board.servingSinceMs(name) ?? sources.startedAtMs,
          },
    policy: sources.policy(name),
    threshold: sources.thresholds()[name],
    localShare: figures.local.share,
    localQuality: figures.goodEnough.share,
    localQualitySamples: figures.goodEnough.count,
    targetQuality: target.alpha === undefined ? null : 1 - target.alpha,
    target,
    certificate: sources.certificate(name),
    candidates: [...sources.candidates(name)],
    tasks: figures.tasks,
    trainingExamples: learning.trainingExamples,
    heldOutExamples: learning.heldOutExamples,
    examplesUntilTraining: learning.examplesUntilTraining,
    localLatencyMs: figures.localLatencyMs,
    frontierLatencyMs: figures.frontierLatencyMs,
  }
}
