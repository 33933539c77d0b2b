import type { ChatEvent, ChatRequest, ModelAnswer } from '../../kernel/chat.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Route } from '../../kernel/decision.ts'
import { InvalidRequestError, ModelCallError } from '../../kernel/errors.ts'
import type { JsonValue } from '../../kernel/json.ts'
import type { ModelAdapter } from '../../kernel/model-adapter.ts'
import { HandedOver, judgeWhole, watchStream } from '../planning/held-back.ts'
import { holdWhole, refuseMisfit } from './misfit.ts'
import type { AnswerVerdict, AnswerWatch, Watched } from '../planning/held-back.ts'
import type { SeenAnswer } from '../planning/seen-answer.ts'

/** One model that may answer, with the request composed for it. */
export type Candidate = {
  readonly route: Route
  readonly adapter: ModelAdapter
  readonly request: ChatRequest
  /** The name by which a cheaper frontier model than the agent's own was chosen. */
  readonly cheaper?: string
  /** The client listed models to try after this one: whatever it fails with, the next is tried. */
  readonly nextOnAnyError?: boolean
  /** A local answer is looked at on its way out, and may be handed over to the next candidate. */
  readonly watch?: AnswerWatch
  /** Why a whole answer must not leave; null where it may. Nothing of it leaves before that is known. */
  readonly problemOf?: (answer: ModelAnswer) => string | null
  /** Sees that there is money, right before the call. Rejects when there is none. */
  readonly fund?: () => Promise<void>
}

/** A local answer that did not leave. */
export type Handover = {
  readonly candidate: Candidate
  readonly startedAtMs: number
  /** From its start to the verdict. */
  readonly addedLatencyMs: number
  readonly verdict: AnswerVerdict
  readonly seen: SeenAnswer
  /** The answer when it is finished; null when it broke off. Never rejects. */
  readonly whole: Promise<ModelAnswer | null>
}

export type FailedCall = {
  readonly candidate: Candidate
  readonly error: ModelCallError
  readonly partialText: string
  /** Characters that had arrived in all, those of tool calls and reasoning among them. */
  readonly partialCharacters: number
  /** Pieces that had arrived, whatever they held. */
  readonly deltas: number
  readonly startedAtMs: number
  readonly latencyMs: number
  /** True when the client left; the call itself had not failed. */
  readonly cancelled: boolean
}

export type ServedCall = {
  readonly candidate: Candidate
  readonly answer: ModelAnswer
  readonly startedAtMs: number
  /** What was seen of an answer that was watched. */
  readonly watched?: Watched | null
}

type ServeOptions = {
  readonly candidates: readonly Candidate[]
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly onFailure: (failed: FailedCall) => void
  readonly onHandover?: (handover: Handover) => void
}

/** Tries the candidates in order; throws the last failure when none can answer. */
export async function answerWithFallback(options: ServeOptions): Promise<ServedCall> {
  for (const [index, candidate] of options.candidates.entries()) {
    options.signal.throwIfAborted()
    const startedAtMs = options.clock.now()
    const progress = { sent: true }
    try {
      const { signal } = options
      if (candidate.fund !== undefined) await candidate.fund()
      const answer = await candidate.adapter.answer(candidate.request, { signal, progress })
      const { watch } = candidate
      const watched = watch === undefined ? null : await judgeWhole(answer, watch, signal)
      refuseMisfit(answer, candidate, watched)
      return { candidate, answer, startedAtMs, watched }
    } catch (error) {
      if (error instanceof HandedOver) {
        noteHandover(options, error, { candidate, startedAtMs, index })
        continue
      }
      noteFailure(options, error, { candidate, progress, startedAtMs, ...nothing })
      if (!mayTryNext(error, candidate, index, options)) throw error
    }
  }
  throw new RangeError('answerWithFallback needs at least one candidate')
}

/** As `answerWithFallback`; once a delta is out, a failure is final. Leaving early is noted, too. */
export async function* streamWithFallback(
  options: ServeOptions,
): AsyncGenerator<Exclude<ChatEvent, { type: 'finish' }>, ServedCall> {
  for (const [index, candidate] of options.candidates.entries()) {
    options.signal.throwIfAborted()
    const startedAtMs = options.clock.now()
    let partialText = ''
    let otherCharacters = 0
    let begun = false
    let deltas = 0
    let over = false
    const progress = { sent: true }
    let watched: Watched | null = null
    const call = (): Call => ({
      candidate,
      progress,
      partialText,
      partialCharacters: partialText.length + otherCharacters,
      deltas,
      startedAtMs,
    })
    try {
      const { signal } = options
      if (candidate.fund !== undefined) await candidate.fund()
      const all = candidate.adapter.stream(candidate.request, { signal, progress })
      const onSeen = (seen: Watched): void => void (watched = seen)
      const { watch } = candidate
      const judged = watch === undefined ? all : watchStream(all, watch, { signal, onSeen })
      const events =
        candidate.problemOf === undefined
          ? judged
          : holdWhole(judged, (answer) => refuseMisfit(answer, candidate, watched))
      for await (const event of events) {
        if (event.type === 'finish') {
          over = true
          return { candidate, answer: event.answer, startedAtMs, watched }
        }
        begun = true
        deltas += 1
        if (event.type === 'text') partialText += event.text
        else otherCharacters += charactersIn(event.type === 'delta' ? event.extra : event.choice)
        yield event
      }
      throw new ModelCallError(`${candidate.adapter.description.id} ended without a finish`, {
        model: candidate.adapter.description.id,
        midStream: begun,
      })
    } catch (error) {
      over = true
      if (error instanceof HandedOver) {
        noteHandover(options, error, { candidate, startedAtMs, index })
        continue
      }
      noteFailure(options, error, call())
      if (begun || !mayTryNext(error, candidate, index, options)) throw error
    } finally {
      if (!over) noteCancelled(options, call())
    }
  }
  throw new RangeError('streamWithFallback needs at least one candidate')
}

/** Throws where nobody is left to answer: a rejected answer never leaves. */
function noteHandover(
  options: ServeOptions,
  { verdict, seen, whole }: HandedOver,
  call: { readonly candidate: Candidate; readonly startedAtMs: number; readonly index: number },
): void {
  const { candidate, startedAtMs, index } = call
  const addedLatencyMs = options.clock.now() - startedAtMs
  options.onHandover?.({ candidate, startedAtMs, addedLatencyMs, verdict, seen, whole })
  if (index < options.candidates.length - 1) return
  throw new ModelCallError(`${verdict.reason} There is no other model to ask.`, {
    model: candidate.adapter.description.id,
    retryable: false,
  })
}

type Call = Omit<FailedCall, 'error' | 'latencyMs' | 'cancelled'> & {
  /** A call that was held back has cost nothing when its client leaves. */
  readonly progress: { readonly sent: boolean }
}

const nothing = { partialText: '', partialCharacters: 0, deltas: 0 }

function noteFailure(options: ServeOptions, error: unknown, call: Call): void {
  const failure = failureOf(error, call)
  if (failure !== null) {
    const { progress: _, ...made } = call
    const latencyMs = latencyOf(options, call)
    options.onFailure({ ...made, error: failure, latencyMs, cancelled: false })
  } else if (options.signal.aborted) noteCancelled(options, call)
}

/** What the local model cannot hold counts as its failure: the frontier is asked next. */
function failureOf(error: unknown, { candidate }: Call): ModelCallError | null {
  if (error instanceof ModelCallError) return error
  if (!(error instanceof InvalidRequestError) || candidate.route !== 'local') return null
  const { id: model } = candidate.adapter.description
  return new ModelCallError(error.message, { model, retryable: false, cause: error })
}

function noteCancelled(options: ServeOptions, { progress, ...call }: Call): void {
  if (!progress.sent) return
  const error = new ModelCallError('The client left before the answer was whole.', {
    model: call.candidate.adapter.description.id,
    midStream: call.deltas > 0,
    retryable: false,
  })
  options.onFailure({ ...call, error, latencyMs: latencyOf(options, call), cancelled: true })
}

function latencyOf(options: ServeOptions, call: Pick<Call, 'startedAtMs'>): number {
  return options.clock.now() - call.startedAtMs
}

/**
 * A frontier's refusal of the request itself would not be mended by another model, unless the client
 * listed others for that; what the local model cannot hold, the frontier can.
 */
function mayTryNext(
  error: unknown,
  candidate: Candidate,
  index: number,
  options: ServeOptions,
): boolean {
  if (options.signal.aborted || index === options.candidates.length - 1) return false
  if (error instanceof InvalidRequestError) return candidate.route === 'local'
  if (!(error instanceof ModelCallError)) return false
  if (candidate.nextOnAnyError === true || candidate.route === 'local') return true
  return error.retryable || error.status === 402
}

/** The characters of all texts in a value: what a delta adds besides its text. */
function charactersIn(value: JsonValue): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  let characters = 0
  for (const inner of Object.values(value)) characters += charactersIn(inner)
  return characters
}
