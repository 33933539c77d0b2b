import type { Dispatcher } from 'undici'
import type { VirtualClock } from './virtual-clock.ts'

/** By this header the simulated provider says how long an answer would have taken. */
const latencyHeader = 'x-simulated-latency-ms'

/**
 * An interceptor for `Dispatcher.compose`: answers of the simulated provider move the timeline of
 * whoever asked, as if they had been waited for. Calls made at the same time overlap.
 */
export function countedLatency(clock: VirtualClock): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const timeline = clock.timeline()
    const askedMs = timeline.now()
    return dispatch(options, {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
      onRequestUpgrade: (controller, status, headers, socket) =>
        handler.onRequestUpgrade?.(controller, status, headers, socket),
      onResponseStart: (controller, status, headers, statusMessage) => {
        const latencyMs = Number(headers[latencyHeader])
        if (latencyMs > 0) timeline.advanceTo(askedMs + latencyMs)
        handler.onResponseStart?.(controller, status, headers, statusMessage)
      },
      onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
      onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
    })
  }
}
