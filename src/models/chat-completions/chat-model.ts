import type { ChatEvent, ChatRequest, ModelAnswer } from '../../kernel/chat.ts'
import type { CallOptions, ModelAdapter, ModelDescription } from '../../kernel/model-adapter.ts'
import { requireMessages } from '../require-messages.ts'
import { streamAnswer } from './answer-stream.ts'
import { chatBody, type Dialect } from './chat-body.ts'
import { fetchWhole, type Endpoint, type HttpRequest } from './exchange.ts'
import type { FailureContext } from './failure.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { pauseAfter, type RetryPolicy } from './retry.ts'
import { answerFromReply } from './whole-answer.ts'

/** What all models behind one key share. */
export type Connection = {
  readonly dialect: Dialect
  readonly endpoint: Endpoint
  /** A POST to a path below the provider's base address. */
  readonly request: (path: string, body: string) => HttpRequest
  readonly failure: (model: string) => FailureContext
  readonly limiter: RateLimiter
  readonly retry: RetryPolicy
}

/**
 * One model of the provider, by chat completions. `upstreamModel` is what the provider calls it;
 * answers then name the model as its description does, whatever the provider says.
 */
export function createChatModel(
  description: ModelDescription,
  connection: Connection,
  upstreamModel?: string,
): ModelAdapter {
  const { dialect, endpoint, limiter, retry } = connection
  const { id, price } = description
  const model = upstreamModel ?? id
  const keepsName = upstreamModel !== undefined
  const failure = connection.failure(id)

  /** Undefined when the request may be sent at once. */
  const acquire = (
    signal: AbortSignal,
    progress: CallOptions['progress'],
  ): Promise<void> | undefined => {
    const turn = limiter.acquire(id, signal)
    if (progress === undefined) return turn
    progress.sent = turn === undefined
    return turn?.then(() => {
      progress.sent = true
    })
  }

  return {
    description,
    answer: async (request, { signal, progress }): Promise<ModelAnswer> => {
      requireMessages(request)
      signal.throwIfAborted()
      const startedAtMs = retry.clock.now()
      const httpRequest = connection.request(
        '/chat/completions',
        chatBody(request, dialect, { model, stream: false }),
      )
      for (let retries = 0; ; retries += 1) {
        try {
          const turn = acquire(signal, progress)
          if (turn !== undefined) await turn
          const reply = await fetchWhole(endpoint, httpRequest, failure, signal)
          const latencyMs = retry.clock.now() - startedAtMs
          return answerFromReply(reply, { request, failure, price, keepsName, latencyMs, retries })
        } catch (error) {
          if (signal.aborted) throw signal.reason
          // A call that failed has cost nothing, nor does the pause after it.
          if (progress !== undefined) progress.sent = false
          await pauseAfter(error, retries, retry, signal)
        }
      }
    },
    stream: async function* (request: ChatRequest, { signal, progress }: CallOptions) {
      requireMessages(request)
      signal.throwIfAborted()
      const startedAtMs = retry.clock.now()
      const httpRequest = connection.request(
        '/chat/completions',
        chatBody(request, dialect, { model, stream: true }),
      )
      for (let retries = 0; ; retries += 1) {
        const turn = acquire(signal, progress)
        if (turn !== undefined) await turn
        const context = {
          request,
          failure,
          price,
          keepsName,
          retries,
          elapsedMs: () => retry.clock.now() - startedAtMs,
        }
        try {
          for await (const batch of streamAnswer(endpoint, httpRequest, context, signal)) {
            yield* batch satisfies readonly ChatEvent[]
          }
          return
        } catch (error) {
          if (signal.aborted) throw signal.reason
          if (progress !== undefined) progress.sent = false
          await pauseAfter(error, retries, retry, signal)
        }
      }
    },
  }
}
