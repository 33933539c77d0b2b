import type { Clock } from '../kernel/clock.ts'
import type { CodeRunner } from '../kernel/code-runner.ts'
import type { Comparison, ComparisonSource } from '../kernel/comparison.ts'
import type { Ids } from '../kernel/ids.ts'
import { responseFormatOf } from '../kernel/response-format.ts'
import type { Task } from '../kernel/task.ts'
import { compareAnswers } from '../learning/compare-answers.ts'
import { answerProblem } from './answer-format.ts'
import type { ModelCall } from './collect-lessons.ts'

type ComparePorts = {
  readonly clock: Clock
  readonly ids: Ids
  readonly codeRunner: CodeRunner
}

/**
 * Two calls of models for one task, compared. Null where one of them gave no answer, or the reference
 * misses the format that was asked for: against such an answer nothing is shown of another one.
 */
export async function compareCalls(
  { clock, ids, codeRunner }: ComparePorts,
  task: Task,
  calls: { readonly candidate: ModelCall | null; readonly reference: ModelCall | null },
  how: { readonly source: ComparisonSource; readonly probability: number },
): Promise<Comparison | null> {
  const { candidate, reference } = calls
  if (candidate === null || candidate.answer === null) return null
  if (reference === null || reference.answer === null) return null
  const format = responseFormatOf(task.request.extra)
  if (format !== null && answerProblem(reference.answer, format) !== null) return null
  const { method, verdict } = await compareAnswers(
    {
      task: { messages: task.request.messages, verifier: task.verifier ?? null },
      candidate: candidate.answer.text,
      reference: reference.answer.text,
    },
    codeRunner,
  )
  return {
    id: ids.next('cmp'),
    taskId: task.id,
    agent: task.agent,
    kind: task.kind,
    candidateInteractionId: candidate.interaction.id,
    referenceInteractionId: reference.interaction.id,
    checkpoint: candidate.interaction.checkpoint,
    method,
    verdict,
    ...how,
    comparedAtMs: clock.now(),
  }
}
