import type { Clock } from '../../kernel/clock.ts'
import type { CodeRunner } from '../../kernel/code-runner.ts'
import type { Comparison } from '../../kernel/comparison.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { LocalModels } from '../../kernel/model-adapter.ts'
import { responseFormatOf } from '../../kernel/response-format.ts'
import type { LedgerEntry } from '../../kernel/stores.ts'
import type { Task } from '../../kernel/task.ts'
import { exampleFrom, pairFrom } from '../../learning/collect-example.ts'
import type { JudgedAnswer } from '../../learning/collect-example.ts'
import { textProblem } from '../answering/answer-format.ts'
import { lessonTask } from './lesson-task.ts'
import type { ModelCall } from '../answering/model-call.ts'

type LessonSources = {
  readonly task: Task
  readonly frontier: ModelCall | null
  readonly teacher: ModelCall | null
  readonly local: ModelCall | null
  /** The local answer against the frontier's, and the teacher's against the frontier's. */
  readonly checked: Comparison | null
  readonly taught: Comparison | null
  readonly parts: {
    readonly local: Pick<LocalModels, 'forAgent'>
    readonly codeRunner: CodeRunner
    readonly clock: Clock
    readonly ids: Ids
    readonly heldOutShare: number
  }
}

/** The examples and preference pairs that one task gives; at most one example to train on. */
export async function collectLessons(sources: LessonSources): Promise<readonly LedgerEntry[]> {
  const { local, checked, parts } = sources
  const task = lessonTask(sources.task, parts.local)
  if (task === null) return []
  const context = {
    ids: parts.ids,
    nowMs: parts.clock.now(),
    heldOutShare: parts.heldOutShare,
  }
  const judged = [
    await judge(sources, sources.frontier, undefined),
    await judge(sources, sources.teacher, sources.taught ?? undefined),
  ].filter((answer) => answer !== null)
  const example = judged
    .map((answer) => exampleFrom(task, answer, context))
    .find((candidate) => candidate !== null)
  const entries: LedgerEntry[] = example === undefined ? [] : [{ type: 'example', record: example }]
  if (local === null || checked === null) return entries
  const pair = judged
    .map((chosen) =>
      pairFrom(task, { chosen, rejected: local.interaction, comparison: checked }, context),
    )
    .find((candidate) => candidate !== null)
  return pair === undefined ? entries : [...entries, { type: 'preference-pair', record: pair }]
}

async function judge(
  { task, parts }: LessonSources,
  call: ModelCall | null,
  comparison: Comparison | undefined,
): Promise<JudgedAnswer | null> {
  if (call === null || call.answer === null) return null
  const format = responseFormatOf(task.request.extra)
  if (format !== null && textProblem(call.answer.text, format) !== null) return null
  const passed =
    task.verifier === undefined
      ? undefined
      : (await parts.codeRunner.run(call.answer.text, task.verifier)).passed
  return {
    interaction: call.interaction,
    description: call.adapter.description,
    passed,
    comparison,
  }
}
