import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

/** Starts a response of server-sent events (WHATWG HTML, section 9.2). */
export function openEventStream(
  response: ServerResponse,
  extraHeaders: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { ...headers, ...extraHeaders })
}

/** Writes, and waits while the client reads more slowly than we write. False when the client is gone. */
export async function writeToStream(
  response: ServerResponse,
  text: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return false
  if (response.write(text)) return true
  try {
    await once(response, 'drain', { signal })
    return true
  } catch {
    return false
  }
}
