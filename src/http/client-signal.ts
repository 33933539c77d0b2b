import type { ServerResponse } from 'node:http'

/** Aborts when the client goes away before the whole response was written. */
export function clientSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}
