import type { Clock } from '../../kernel/clock.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import { ErrorReply, type WireError } from './wire.ts'

export type FailureContext = {
  readonly model: string
  /** How the provider is called in messages: "OpenRouter" or "The simulated OpenRouter". */
  readonly providerName: string
  /** Never shown, even when the provider repeats it. */
  readonly apiKey: string
  readonly clock: Clock
}

type Reply = {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

const longestReason = 500

/** The error of a reply whose status is not 200. */
export function failureOfReply(reply: Reply, context: FailureContext): ModelCallError {
  const error = ErrorReply.safeParse(parsedOrUndefined(reply.text)).data?.error
  const retryAfterMs = parseRetryAfter(reply.retryAfter, context.clock.now())
  if (error !== undefined) {
    return failureOfWireError(error, context, { status: reply.status, retryAfterMs })
  }
  const page = reply.text.trim().slice(0, 200)
  const said = messageIn(parsedOrUndefined(reply.text))?.slice(0, longestReason)
  const reason =
    said !== undefined ? `: ${said}` : page === '' ? ' with no reason.' : ` and this page: ${page}.`
  return new ModelCallError(
    redacted(
      `${context.providerName} answered ${reply.status} for ${context.model}${reason}`,
      context,
    ),
    { model: context.model, status: reply.status, retryAfterMs },
  )
}

/** The error object of the wire, from a failed reply, from a 200 that carries it, or from a stream. */
export function failureOfWireError(
  error: WireError,
  context: FailureContext,
  details: {
    readonly status?: number
    readonly retryAfterMs?: number | undefined
    readonly midStream?: boolean
  } = {},
): ModelCallError {
  const status = details.status ?? statusOfCode(error.code)
  const midStream = details.midStream ?? false
  const declared = error.availability?.retryable ?? undefined
  const retryable = midStream ? false : (declared ?? retryableCode(error.code, status))
  return new ModelCallError(
    redacted(
      `${context.providerName} answered ${status ?? error.code ?? 'an error'} for ${context.model}: ${reasonOf(error)}`,
      context,
    ),
    {
      model: context.model,
      status,
      retryAfterMs: details.retryAfterMs ?? retryAfterOf(error, context.clock.now()),
      midStream,
      ...(retryable !== undefined && { retryable }),
    },
  )
}

/** No reply, or one that broke off: refused, reset, timed out. */
export function failureOfConnection(
  cause: unknown,
  context: FailureContext,
  midStream: boolean,
): ModelCallError {
  const detail = cause instanceof Error ? describeConnectionError(cause) : String(cause)
  const when = midStream ? 'broke off in the middle of the answer' : 'gave no answer'
  return new ModelCallError(
    redacted(`${context.providerName} ${when} for ${context.model}: ${detail}`, context),
    { model: context.model, midStream, cause },
  )
}

/** A reply that is not what the protocol says, or that says nothing at all. */
export function failureOfProtocol(
  what: string,
  context: FailureContext,
  midStream = false,
): ModelCallError {
  return new ModelCallError(
    redacted(`${context.providerName} ${what} for ${context.model}.`, context),
    { model: context.model, midStream, retryable: !midStream },
  )
}

/** `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3), in milliseconds from now. */
function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined || value.trim() === '') return undefined
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const dateMs = Date.parse(value)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}

function retryAfterOf(error: WireError, nowMs: number): number | undefined {
  const seconds = error.availability?.retry_after
  if (seconds !== undefined && seconds !== null) return seconds * 1000
  const resetMs = Number(error.metadata?.headers?.['X-RateLimit-Reset'])
  return Number.isFinite(resetMs) && resetMs > 0 ? Math.max(0, resetMs - nowMs) : undefined
}

function statusOfCode(code: WireError['code']): number | undefined {
  return typeof code === 'number' && code >= 400 && code <= 599 ? code : undefined
}

/** Words stand in for a status in streams; only those that speak of a passing state are tried again. */
function retryableCode(code: WireError['code'], status: number | undefined): boolean | undefined {
  if (status !== undefined || typeof code !== 'string') return undefined
  return /server|overload|timeout|time_out|rate_limit|unavailable/.test(code)
}

function reasonOf(error: WireError): string {
  const message = error.message ?? 'no reason given'
  const upstream = upstreamReason(error.metadata?.raw)
  const reasons = error.metadata?.reasons ?? []
  const provider = error.metadata?.provider_name
  const details = [upstream, ...reasons].filter(
    (detail) => detail !== undefined && detail !== message,
  )
  if (details.length === 0) return provider ? `${message} (${provider})` : message
  return `${message} (${provider ? `${provider}: ` : ''}${details.join('; ')})`
}

/** `raw` is the upstream provider's own reply: JSON as text, an object, or a plain sentence. */
function upstreamReason(raw: unknown): string | undefined {
  if (raw === undefined || raw === null || raw === '') return undefined
  const value = typeof raw === 'string' ? (parsedOrUndefined(raw) ?? raw) : raw
  return (messageIn(value) ?? (typeof raw === 'string' ? raw : JSON.stringify(raw))).slice(
    0,
    longestReason,
  )
}

function messageIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if ('error' in value) {
    return typeof value.error === 'string' ? value.error : messageIn(value.error)
  }
  if ('message' in value && typeof value.message === 'string') return value.message
  return 'detail' in value && typeof value.detail === 'string' ? value.detail : undefined
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function describeConnectionError(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return 'it took too long to begin its answer'
  if (code === 'UND_ERR_BODY_TIMEOUT') return 'it fell silent for too long'
  if (error instanceof AggregateError && error.message === '') return code ?? 'no connection'
  return code === undefined || error.message.includes(code)
    ? error.message
    : `${error.message} (${code})`
}

function redacted(message: string, context: FailureContext): string {
  return context.apiKey === '' ? message : message.replaceAll(context.apiKey, '[key]')
}
