import type { Clock } from '../../kernel/clock.ts'
import type { CodeRunner } from '../../kernel/code-runner.ts'
import type { Comparison, ComparisonSource } from '../../kernel/comparison.ts'
import type { Ids } from '../../kernel/ids.ts'
import { responseFormatOf } from '../../kernel/response-format.ts'
import type { Task } from '../../kernel/task.ts'
import { compareAnswers } from '../../learning/compare-answers.ts'
import { answerProblem } from '../answering/answer-format.ts'
import { groupOf } from './answer-meaning.ts'
import type { AnswerMeaning } from './answer-meaning.ts'
import type { ModelCall } from '../answering/model-call.ts'

/** Two answers to one task with what was found; null where one of them is missing. */
export async function compareCalls(
  task: Task,
  calls: { readonly candidate: ModelCall | null; readonly reference: ModelCall | null },
  how: { readonly source: ComparisonSource; readonly probability: number },
  ports: {
    readonly clock: Clock
    readonly ids: Ids
    readonly codeRunner: CodeRunner
    /** Null or left out where answers are not compared by what they mean. */
    readonly meaning?: AnswerMeaning | null
  },
): Promise<Comparison | null> {
  const { candidate, reference } = calls
  if (candidate === null || candidate.answer === null) return null
  if (reference === null || reference.answer === null) return null
  const format = responseFormatOf(task.request.extra)
  // Against an answer that misses what was asked for, nothing is shown of another one.
  if (format !== null && answerProblem(reference.answer, format) !== null) return null
  const { meaning = null, codeRunner } = ports
  const { messages } = task.request
  const pair = {
    task: { messages, verifier: task.verifier ?? null, group: groupOf(task) },
    candidate: candidate.answer.text,
    reference: reference.answer.text,
  }
  const found = await compareAnswers(pair, codeRunner, meaning === null ? [] : [meaning.comparator])
  await meaning?.learnFromTests(pair, found)
  return {
    id: ports.ids.next('cmp'),
    taskId: task.id,
    agent: task.agent,
    kind: task.kind,
    candidateInteractionId: candidate.interaction.id,
    referenceInteractionId: reference.interaction.id,
    checkpoint: candidate.interaction.checkpoint,
    ...found,
    ...how,
    comparedAtMs: ports.clock.now(),
  }
}
