/**
 * Turns a text into a vector on this machine, for comparing texts by the cosine of their vectors. A
 * table answers at once; a network answers with a promise and works off the event loop.
 */
export type TextEmbedder = {
  /** For people: `minilm-static`, or the name of a model. */
  readonly name: string
  /** Changes with anything that changes vectors: those of two hashes are not comparable. */
  readonly hash: string
  readonly dimension: number
  /** A vector of length 1, or of zeros for a text in which nothing was understood. */
  embed(text: string): Float32Array | Promise<Float32Array>
}

/** Of vectors of length 1: 1 for the same direction, 0 for unrelated ones. */
export function cosineOf(left: Float32Array, right: Float32Array): number {
  let sum = 0
  for (let at = 0; at < left.length; at += 1) sum += (left[at] ?? 0) * (right[at] ?? 0)
  return sum
}
