import type { JsonObject } from '../../kernel/json.ts'

/** An error as the provider sends it. */
export type ProviderError = {
  readonly status: number
  readonly message: string
  readonly metadata?: JsonObject
  readonly retryAfterSeconds?: number
}

export const simulatedProvider = 'Simulated'

export function errorBody(error: ProviderError): JsonObject {
  return {
    error: {
      code: error.status,
      message: error.message,
      ...(error.metadata === undefined ? {} : { metadata: error.metadata }),
    },
    user_id: 'user_simulated',
  }
}

export function upstreamError(status: number, raw: string): ProviderError {
  return {
    status,
    message: 'Provider returned error',
    metadata: { raw, provider_name: simulatedProvider, is_byok: false },
  }
}

export function rateLimitError(retryAfterSeconds: number, nowMs: number): ProviderError {
  return {
    status: 429,
    message: 'Rate limit exceeded',
    retryAfterSeconds,
    metadata: {
      headers: {
        'X-RateLimit-Limit': '50',
        'X-RateLimit-Remaining': '0',
        'X-RateLimit-Reset': String(nowMs + retryAfterSeconds * 1000),
      },
      provider_name: simulatedProvider,
    },
  }
}
