import { lastUserText } from '../../kernel/chat.ts'
import type { Decision } from '../../kernel/decision.ts'
import { usdFromNanoUsd } from '../../kernel/money.ts'
import type { Ledger } from '../../kernel/stores.ts'

const previewLength = 160

/** One line of the list of decisions. */
export function decisionSummary(decision: Decision, taskText: string) {
  return {
    id: decision.id,
    atMs: decision.decidedAtMs,
    agent: decision.agent,
    route: decision.route,
    model: decision.model,
    reason: decision.reason,
    complexity: decision.complexity,
    threshold: decision.threshold,
    audited: decision.audited,
    savedUsd: savedUsd(decision),
    preview: taskText.slice(0, previewLength),
  }
}

export type DecisionSummary = ReturnType<typeof decisionSummary>

/** Everything that led to one answer and what came of it, or null when there is no such decision. */
export async function findTrail(ledger: Ledger, decisionId: string) {
  const decision = await ledger.get('decision', decisionId)
  if (decision === null) return null
  const [interactions, comparisons, checkpoint, served] = await Promise.all([
    ledger.list('interaction', { taskId: decision.taskId }),
    ledger.list('comparison', { taskId: decision.taskId }),
    decision.checkpoint === null ? null : ledger.get('checkpoint', decision.checkpoint),
    ledger.get('interaction', decision.interactionId),
  ])
  const dataset =
    checkpoint === null ? null : await ledger.get('dataset-version', checkpoint.datasetVersionId)
  return {
    decision: decisionSummary(decision, lastUserText(served?.messages ?? [])),
    taskId: decision.taskId,
    checkpoint:
      checkpoint === null
        ? null
        : {
            hash: checkpoint.hash,
            trainingRunId: checkpoint.trainingRunId,
            datasetVersionId: checkpoint.datasetVersionId,
          },
    dataset:
      dataset === null
        ? null
        : {
            id: dataset.id,
            hash: dataset.hash,
            examples: dataset.counts.examples,
            byRight: { ...dataset.counts.byRight },
          },
    interactions: interactions.map((interaction) => ({
      id: interaction.id,
      purpose: interaction.purpose,
      model: interaction.model,
      answer: interaction.answer,
      costUsd: usdFromNanoUsd(interaction.usage.cost),
      latencyMs: interaction.latencyMs,
      error: interaction.error,
    })),
    comparisons: comparisons.map((comparison) => ({
      id: comparison.id,
      source: comparison.source,
      method: comparison.method,
      verdict: comparison.verdict,
      probability: comparison.probability,
      secondOpinions: [...(comparison.secondOpinions ?? [])],
    })),
    savedUsd: savedUsd(decision),
    explanation: explanationOf(decision),
    certificate: decision.certificate ?? null,
  }
}

function explanationOf({ explanation }: Decision) {
  if (explanation === undefined) return null
  const { sentence, weighed, alternative } = explanation
  const { route, cost, expectedLoss } = alternative
  return {
    sentence,
    weighed: weighed.map(({ what, effect }) => ({ what, effect })),
    alternative: { route, costUsd: usdFromNanoUsd(cost), expectedLoss },
  }
}

function savedUsd(decision: Decision): number {
  return usdFromNanoUsd(decision.alwaysFrontierCost) - usdFromNanoUsd(decision.cost)
}
