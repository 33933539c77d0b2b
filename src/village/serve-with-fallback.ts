import type { ChatEvent, ChatRequest, ModelAnswer } from '../kernel/chat.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Route } from '../kernel/decision.ts'
import { ModelCallError } from '../kernel/errors.ts'
import type { ModelAdapter } from '../kernel/model-adapter.ts'

/** One model that may answer, with the request composed for it. */
export type Candidate = {
  readonly route: Route
  readonly adapter: ModelAdapter
  readonly request: ChatRequest
}

export type FailedCall = {
  readonly candidate: Candidate
  readonly error: ModelCallError
  readonly partialText: string
  readonly startedAtMs: number
  readonly latencyMs: number
}

export type ServedCall = {
  readonly candidate: Candidate
  readonly answer: ModelAnswer
  readonly startedAtMs: number
}

type ServeOptions = {
  readonly candidates: readonly Candidate[]
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly onFailure: (failed: FailedCall) => void
}

/** Tries the candidates in order; throws the last failure when none can answer. */
export async function answerWithFallback(options: ServeOptions): Promise<ServedCall> {
  for (const [index, candidate] of options.candidates.entries()) {
    const startedAtMs = options.clock.now()
    try {
      const answer = await candidate.adapter.answer(candidate.request, { signal: options.signal })
      return { candidate, answer, startedAtMs }
    } catch (error) {
      noteFailure(options, { candidate, error, partialText: '', startedAtMs })
      if (!mayTryNext(error, candidate, index, options)) throw error
    }
  }
  throw new RangeError('answerWithFallback needs at least one candidate')
}

/** As `answerWithFallback`; once a delta is out, a failure is final. */
export async function* streamWithFallback(
  options: ServeOptions,
): AsyncGenerator<Exclude<ChatEvent, { type: 'finish' }>, ServedCall> {
  for (const [index, candidate] of options.candidates.entries()) {
    const startedAtMs = options.clock.now()
    let partialText = ''
    let begun = false
    try {
      const events = candidate.adapter.stream(candidate.request, { signal: options.signal })
      for await (const event of events) {
        if (event.type === 'finish') return { candidate, answer: event.answer, startedAtMs }
        begun = true
        if (event.type === 'text') partialText += event.text
        yield event
      }
      throw new ModelCallError(`${candidate.adapter.description.id} ended without a finish`, {
        model: candidate.adapter.description.id,
        midStream: begun,
      })
    } catch (error) {
      noteFailure(options, { candidate, error, partialText, startedAtMs })
      if (begun || !mayTryNext(error, candidate, index, options)) throw error
    }
  }
  throw new RangeError('streamWithFallback needs at least one candidate')
}

function noteFailure(
  options: ServeOptions,
  failure: {
    readonly candidate: Candidate
    readonly error: unknown
    readonly partialText: string
    readonly startedAtMs: number
  },
): void {
  if (!(failure.error instanceof ModelCallError)) return
  const latencyMs = options.clock.now() - failure.startedAtMs
  options.onFailure({ ...failure, error: failure.error, latencyMs })
}

/** A frontier's refusal of the request itself would not be mended by another model. */
function mayTryNext(
  error: unknown,
  candidate: Candidate,
  index: number,
  options: ServeOptions,
): boolean {
  if (options.signal.aborted || !(error instanceof ModelCallError)) return false
  if (index === options.candidates.length - 1) return false
  return candidate.route === 'local' || error.retryable || error.status === 402
}
