import type { ChatMessage } from '../kernel/chat.ts'
import type { Comparison, Feedback } from '../kernel/comparison.ts'
import type { Example, PreferencePair, RightToTrain } from '../kernel/dataset.ts'
import type { Ids } from '../kernel/ids.ts'
import type { Interaction } from '../kernel/interaction.ts'
import type { ModelDescription } from '../kernel/model-adapter.ts'
import { responseFormatOf } from '../kernel/response-format.ts'
import type { Task } from '../kernel/task.ts'
import type { AnswerComparison } from './compare-answers.ts'
import { isHeldOut } from './held-out.ts'

export type CollectContext = {
  readonly ids: Ids
  readonly nowMs: number
  readonly heldOutShare: number
}

/** An answer of a frontier model or of a teacher, and what is known of its being right. */
export type JudgedAnswer = {
  readonly interaction: Interaction
  /** The model that answered: it decides the right to train. */
  readonly description: ModelDescription
  /** What the task's verifier said of this answer. */
  readonly passed?: boolean | undefined
  /** For a teacher's answer: its comparison (as candidate) with the frontier's. */
  readonly comparison?: Pick<AnswerComparison, 'verdict'> | undefined
}

/**
 * The example that an answer makes, or null when nothing may or should be learnt from it. Tasks
 * that are held out become an examination and need no right to train.
 */
export function exampleFrom(
  task: Task,
  answer: JudgedAnswer,
  context: CollectContext,
): Example | null {
  if (!isWholeAnswer(answer.interaction) || !isPlainText(task.request.messages)) return null
  const vouchedBy = vouchFor(task, answer)
  if (vouchedBy === null) return null
  const heldOut = isHeldOut(task.fingerprint, context.heldOutShare)
  const right = rightOf(answer.description)
  if (heldOut && answer.interaction.purpose === 'teacher') return null
  if (!heldOut && right === null) return null
  return {
    ...exampleFields(task, context),
    ...formatField(task),
    answer: answer.interaction.answer,
    interactionId: answer.interaction.id,
    use: heldOut ? 'held-out' : 'train',
    right,
    vouchedBy,
  }
}

/** The example that a user's own correction makes; the right to train is the user's to give. */
export function exampleFromCorrection(
  task: Task,
  feedback: Feedback,
  source: { readonly interactionId: string } & CollectContext,
): Example | null {
  if (feedback.correction === null || feedback.correction.trim() === '') return null
  if (!isPlainText(task.request.messages)) return null
  const heldOut = isHeldOut(task.fingerprint, source.heldOutShare)
  return {
    ...exampleFields(task, source),
    ...formatField(task),
    answer: feedback.correction,
    interactionId: source.interactionId,
    use: heldOut ? 'held-out' : 'train',
    right: { model: 'user', distillable: 'granted', basis: 'user-correction' },
    vouchedBy: 'correction',
  }
}

/**
 * A pair of a right answer that may be trained on and the local model's own wrong one. Null when
 * the task is held out, the lengths differ too much (length would be what is learnt), or the
 * verdict does not say that the local answer alone is wrong.
 */
export function pairFrom(
  task: Task,
  answers: {
    readonly chosen: JudgedAnswer
    readonly rejected: Interaction
    readonly comparison: Comparison
  },
  context: CollectContext,
): PreferencePair | null {
  const { chosen, rejected, comparison } = answers
  if (comparison.verdict !== 'reference-only' || rejected.modelKind !== 'local') return null
  if (!isWholeAnswer(chosen.interaction) || !isWholeAnswer(rejected)) return null
  if (!isPlainText(task.request.messages)) return null
  if (isHeldOut(task.fingerprint, context.heldOutShare)) return null
  const right = rightOf(chosen.description)
  if (right === null || vouchFor(task, chosen) === null) return null
  if (!isOfLikeLength(chosen.interaction.answer, rejected.answer)) return null
  return {
    id: context.ids.next('pair'),
    taskId: task.id,
    agent: task.agent,
    kind: task.kind,
    messages: task.request.messages,
    chosen: chosen.interaction.answer,
    rejected: rejected.answer,
    comparisonId: comparison.id,
    checkpoint: rejected.checkpoint,
    right,
    createdAtMs: context.nowMs,
  }
}

function exampleFields(task: Task, context: CollectContext) {
  return {
    id: context.ids.next('ex'),
    taskId: task.id,
    agent: task.agent,
    kind: task.kind,
    messages: task.request.messages,
    verifier: task.verifier ?? null,
    createdAtMs: context.nowMs,
  }
}

function formatField(task: Task): Pick<Example, 'responseFormat'> {
  const responseFormat = responseFormatOf(task.request.extra)
  return responseFormat === null ? {} : { responseFormat }
}

function rightOf(description: ModelDescription): RightToTrain | null {
  if (description.distillable === 'no') return null
  return {
    model: description.id,
    distillable: description.distillable,
    basis: description.distillable === 'yes' ? 'models-list' : 'operator',
  }
}

/** A verifier has the last word; else the frontier vouches for itself and for who agrees with it. */
function vouchFor(task: Task, answer: JudgedAnswer): Example['vouchedBy'] | null {
  if (answer.interaction.modelKind !== 'frontier') return null
  if (task.verifier !== undefined) return answer.passed === true ? 'verifier' : null
  if (answer.interaction.purpose !== 'teacher') return 'frontier'
  return answer.comparison?.verdict === 'both' ? 'agreement' : null
}

function isWholeAnswer({ error, finishReason, answer }: Interaction): boolean {
  return error === null && finishReason === 'stop' && answer.trim() !== ''
}

/** The student reads and writes text only. */
function isPlainText(messages: readonly ChatMessage[]): boolean {
  return (
    messages.length > 0 &&
    messages.every(
      ({ role, content, extra }) =>
        role !== 'tool' &&
        extra?.['tool_calls'] === undefined &&
        (typeof content === 'string' ||
          (content !== null && content.every(({ type }) => type === 'text'))),
    )
  )
}

const maxLengthRatio = 3
/** Below this many characters a ratio says nothing. */
const lengthSlack = 24

function isOfLikeLength(left: string, right: string): boolean {
  const longer = Math.max(left.length, right.length)
  const shorter = Math.min(left.length, right.length)
  return longer <= maxLengthRatio * shorter + lengthSlack
}
