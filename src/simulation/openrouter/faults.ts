import { z } from 'zod'
import { rateLimitError, upstreamError } from './provider-error.ts'
import type { ProviderError } from './provider-error.ts'

export const FaultOrder = z.strictObject({
  /** Only for this model; for any when left out. */
  model: z.string().optional(),
  fault: z.enum([
    '429',
    '500',
    '502',
    '529',
    'slow',
    'reset',
    'mid-stream-error',
    'truncated-stream',
    'bad-json',
    'empty',
  ]),
  count: z.int().min(1).default(1),
  retryAfterSeconds: z.number().min(0).default(1),
  /** For `slow`: how long the answer is really held back, in either latency mode. */
  delayMs: z.number().min(0).default(1000),
})

export type Fault = z.infer<typeof FaultOrder>

/** Faults on demand, used up in the order in which they were asked for. */
export type Faults = {
  add(order: Fault): void
  take(model: string): Fault | null
  clear(): void
  list(): readonly Fault[]
}

export function createFaults(): Faults {
  let waiting: readonly Fault[] = []
  return {
    add: (order) => {
      waiting = [...waiting, order]
    },
    take: (model) => {
      const found = waiting.find((order) => order.model === undefined || order.model === model)
      if (found === undefined) return null
      waiting = waiting.flatMap((order) => {
        if (order !== found) return [order]
        return order.count > 1 ? [{ ...order, count: order.count - 1 }] : []
      })
      return found
    },
    clear: () => {
      waiting = []
    },
    list: () => waiting,
  }
}

/** The error that a fault answers with in place of any answer, or null for the other faults. */
export function errorOfFault(fault: Fault, nowMs: number): ProviderError | null {
  if (fault.fault === '429') return rateLimitError(fault.retryAfterSeconds, nowMs)
  if (fault.fault === '500') return { status: 500, message: 'Internal Server Error' }
  if (fault.fault === '502') return upstreamError(502, 'The simulated upstream is down.')
  if (fault.fault === '529') return upstreamError(529, 'The simulated upstream is overloaded.')
  return null
}
