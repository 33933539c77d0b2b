import { structureNames } from './text-profile.ts'
import type { TextProfile } from './text-profile.ts'

/** As the signals of an answer are named; -1 where the model does not say. */
const surenessSignal = 'confidence in the least sure token'

type Scored = { readonly request: TextProfile; readonly signals: Float32Array }

/**
 * What is assumed before anything is known: longer requests are harder, and an answer is as good as
 * the token that the model was least sure of. Needs no labels.
 */
export type UnlearntScore = {
  readonly name: 'length' | 'sureness'
  /** Its place among the structure of the request and the signals after it. */
  readonly at: number
}

const lengthScore: UnlearntScore = { name: 'length', at: 0 }

/** Sureness where the model said of each answer how sure it was. */
export function unlearntScoreFor(
  labels: readonly Scored[],
  signalNames: readonly string[],
): UnlearntScore {
  const place = signalNames.indexOf(surenessSignal)
  const isKnown =
    place >= 0 && labels.length > 0 && labels.every(({ signals }) => (signals[place] ?? -1) >= 0)
  return isKnown ? { name: 'sureness', at: structureNames.length + place } : lengthScore
}

/** Rises with the expected gain of the frontier; `plain` are structure and signals of a task. */
export function unlearntScore({ name, at }: UnlearntScore, plain: Float32Array): number {
  const value = plain[at] ?? Number.NaN
  return name === 'length' ? value : -value
}
