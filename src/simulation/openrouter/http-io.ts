import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JsonObject } from '../../kernel/json.ts'
import { errorBody } from './provider-error.ts'
import type { ProviderError } from './provider-error.ts'

/** The whole body as text, or null when it is larger than allowed. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes <= maxBytes) pieces.push(piece)
  }
  return bytes > maxBytes ? null : Buffer.concat(pieces).toString()
}

export function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

export function sendError(response: ServerResponse, error: ProviderError): void {
  if (error.retryAfterSeconds !== undefined) {
    response.setHeader('Retry-After', String(error.retryAfterSeconds))
  }
  sendJson(response, error.status, errorBody(error))
}
