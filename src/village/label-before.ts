import type { ChatMessage } from '../kernel/chat.ts'
import type { CascadeTask } from '../routing/cascade-scorer.ts'
import type { RoutingLabel } from '../routing/routing-epoch.ts'
import { readableText } from '../routing/features.ts'
import { profileOf } from '../routing/text-profile.ts'

/** Of a task whose local answer was not seen. */
export const noSignals = new Float32Array()

/** A held-out result: its request alone is known. */
export function labelBefore(known: {
  readonly messages: readonly ChatMessage[]
  readonly goodEnough: boolean
}): RoutingLabel<CascadeTask> {
  const request = profileOf(readableText(known.messages))
  return {
    task: { request, answer: null, signals: noSignals, leastStay: null, form: 'whole' },
    probability: 1,
    floor: 1,
    servedLocally: false,
    frontierRight: true,
    localRight: known.goodEnough,
  }
}
