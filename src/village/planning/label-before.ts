import type { HeldOutLabel } from '../../learning/learning-cycle.ts'
import { answerSignals } from '../../routing/answer-signals.ts'
import type { CascadeTask } from '../../routing/cascade-scorer.ts'
import type { RoutingLabel } from '../../routing/routing-epoch.ts'
import { readableText } from '../../routing/features.ts'
import { profileOf } from '../../routing/text-profile.ts'

/** Of a task whose local answer was not seen. */
export const noSignals = new Float32Array()

/** A held-out result; without its answer the request alone is known. */
export type HeldOutResult = Pick<HeldOutLabel, 'messages' | 'kind' | 'goodEnough'> &
  Partial<Pick<HeldOutLabel, 'answer' | 'testsPassed'>>

/** What the gate saw, as labels of service would have it of answers that were seen whole. */
export function labelsBefore(
  heldOut: readonly HeldOutResult[],
  how: {
    /** False where the answers must not be looked at. */
    readonly isJudged: boolean
    leastStay(kind: string): number | null
  },
): readonly RoutingLabel<CascadeTask>[] {
  return heldOut.map((one) =>
    labelBefore(how.isJudged ? one : { ...one, answer: null }, how.leastStay(one.kind)),
  )
}

function labelBefore(known: HeldOutResult, leastStay: number | null): RoutingLabel<CascadeTask> {
  const prompt = readableText(known.messages)
  return {
    task: { request: profileOf(prompt), ...answerSeen(known, prompt), leastStay, form: 'whole' },
    probability: 1,
    floor: 1,
    servedLocally: false,
    frontierRight: true,
    localRight: known.goodEnough,
  }
}

function answerSeen(
  { answer = null, testsPassed = null }: HeldOutResult,
  prompt: string,
): Pick<CascadeTask, 'answer' | 'signals'> {
  if (answer === null) return { answer: null, signals: noSignals }
  const { text, isCutOff, meanLogProbability, leastLogProbability } = answer
  const signals = answerSignals({
    prompt,
    answer: text,
    peers: [],
    confidence: probabilityOf(meanLogProbability),
    leastConfidence: probabilityOf(leastLogProbability),
    isCutOff,
    testsPassed,
  })
  return { answer: profileOf(text), signals }
}

function probabilityOf(logProbability: number | null): number | null {
  return logProbability === null ? null : Math.exp(logProbability)
}
