import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { failureOfConnection, type FailureContext } from './failure.ts'

export type HttpRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: readonly string[]
  readonly body: string | null
}

export type ReplyListener = {
  onStart(status: number, headers: IncomingHttpHeaders): void
  onData(chunk: Buffer): void
  onEnd(): void
  onError(error: Error): void
}

export type Exchange = {
  /** Destroys the request at the provider; the listener hears nothing more. */
  abandon(reason: Error): void
  pause(): void
  resume(): void
}

export type Endpoint = {
  readonly dispatcher: Dispatcher
  readonly origin: string
  /** Longest time until the reply begins, and longest silence within it. */
  readonly timeoutMs: number
}

/** Sends one request and passes the reply on as it arrives, without a stream in between. */
export function sendRequest(
  endpoint: Endpoint,
  request: HttpRequest,
  listener: ReplyListener,
): Exchange {
  let controller: Dispatcher.DispatchController | undefined
  let abandoned: Error | undefined
  endpoint.dispatcher.dispatch(
    {
      origin: endpoint.origin,
      method: request.method,
      path: request.path,
      headers: request.headers as string[],
      body: request.body,
      headersTimeout: endpoint.timeoutMs,
      bodyTimeout: endpoint.timeoutMs,
    },
    {
      onRequestStart: (started) => {
        controller = started
        if (abandoned !== undefined) started.abort(abandoned)
      },
      onResponseStart: (_controller, status, headers) => {
        if (status >= 200 && abandoned === undefined) listener.onStart(status, headers)
      },
      onResponseData: (_controller, chunk) => {
        if (abandoned === undefined) listener.onData(chunk)
      },
      onResponseEnd: () => {
        if (abandoned === undefined) listener.onEnd()
      },
      onResponseError: (_controller, error) => {
        if (abandoned === undefined) listener.onError(error)
      },
    },
  )
  return {
    abandon: (reason) => {
      abandoned = reason
      controller?.abort(reason)
    },
    pause: () => controller?.pause(),
    resume: () => controller?.resume(),
  }
}

export type WholeReply = {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

/**
 * Resolves with the whole reply, whatever its status; rejects with the signal's reason, or with
 * `ModelCallError` when no whole reply came.
 */
export function fetchWhole(
  endpoint: Endpoint,
  request: HttpRequest,
  failure: FailureContext,
  signal: AbortSignal,
): Promise<WholeReply> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error)
      return
    }
    let status = 0
    let retryAfter: string | undefined
    const chunks: Buffer[] = []
    const onAbort = (): void => {
      exchange.abandon(signal.reason as Error)
      reject(signal.reason as Error)
    }
    const exchange = sendRequest(endpoint, request, {
      onStart: (replyStatus, headers) => {
        status = replyStatus
        retryAfter = headers['retry-after']
      },
      onData: (chunk) => chunks.push(chunk),
      onEnd: () => {
        signal.removeEventListener('abort', onAbort)
        resolve({ status, retryAfter, text: textOfChunks(chunks) })
      },
      onError: (error) => {
        signal.removeEventListener('abort', onAbort)
        reject(failureOfConnection(error, failure, false))
      },
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

function textOfChunks(chunks: readonly Buffer[]): string {
  const [only] = chunks
  if (chunks.length === 1 && only !== undefined) return only.toString('utf8')
  return Buffer.concat(chunks).toString('utf8')
}
