import type { ChatEvent, ChatRequest, ModelAnswer } from '../../kernel/chat.ts'
import type { CallOptions, ModelAdapter, ModelDescription } from '../../kernel/model-adapter.ts'
import { requireMessages } from '../require-messages.ts'
import { streamAnswer } from './answer-stream.ts'
import { chatBody } from './chat-body.ts'
import { fetchWhole, type Endpoint, type HttpRequest } from './exchange.ts'
import type { FailureContext } from './failure.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { pauseBeforeRetry, type RetryPolicy } from './retry.ts'
import { answerFromReply } from './whole-answer.ts'

/** What all models behind one key share. */
export type Connection = {
  readonly endpoint: Endpoint
  readonly chatRequest: (body: string) => HttpRequest
  readonly failure: (model: string) => FailureContext
  readonly limiter: RateLimiter
  readonly retry: RetryPolicy
}

/** One model of the provider, by chat completions. */
export function createChatModel(
  description: ModelDescription,
  connection: Connection,
): ModelAdapter {
  const { endpoint, limiter, retry } = connection
  const { id, price } = description
  const failure = connection.failure(id)
  const pauseAfter = async (
    error: unknown,
    retries: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const pauseMs = pauseBeforeRetry(error, retries, retry)
    if (pauseMs === undefined) throw error
    await retry.clock.sleep(pauseMs, signal)
  }

  return {
    description,
    answer: async (request, { signal }): Promise<ModelAnswer> => {
      requireMessages(request)
      signal.throwIfAborted()
      const startedAtMs = retry.clock.now()
      const httpRequest = connection.chatRequest(chatBody(request, id, false))
      for (let retries = 0; ; retries += 1) {
        await limiter.acquire(id, signal)
        try {
          const reply = await fetchWhole(endpoint, httpRequest, failure, signal)
          const latencyMs = retry.clock.now() - startedAtMs
          return answerFromReply(reply, { request, failure, price, latencyMs, retries })
        } catch (error) {
          if (signal.aborted) throw signal.reason
          await pauseAfter(error, retries, signal)
        }
      }
    },
    stream: async function* (request: ChatRequest, { signal }: CallOptions) {
      requireMessages(request)
      signal.throwIfAborted()
      const startedAtMs = retry.clock.now()
      const httpRequest = connection.chatRequest(chatBody(request, id, true))
      for (let retries = 0; ; retries += 1) {
        await limiter.acquire(id, signal)
        const context = {
          request,
          failure,
          price,
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
          await pauseAfter(error, retries, signal)
        }
      }
    },
  }
}
