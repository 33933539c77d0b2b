import type { Clock } from '../../kernel/clock.ts'
import { EmbeddingError } from '../../kernel/embedding-error.ts'
import type { TextEmbedder } from '../../kernel/text-embedder.ts'

/** Nobody waits longer for a vector: a call of the model is the better use of the time. */
const mostMs = 2_000

/** The vector of a text. Throws `EmbeddingError` when it does not come in time. */
export async function embedInTime(
  embedder: TextEmbedder,
  text: string,
  clock: Clock,
): Promise<Float32Array> {
  const vector = embedder.embed(text)
  if (!(vector instanceof Promise)) return vector
  const done = new AbortController()
  const tooLate = clock.sleep(mostMs, done.signal).then(() => {
    throw new EmbeddingError(`The embedding model ${embedder.name} took longer than ${mostMs} ms`)
  })
  try {
    return await Promise.race([vector, tooLate])
  } finally {
    // Whichever is second fails with nobody to hear it.
    tooLate.catch(() => undefined)
    vector.catch(() => undefined)
    done.abort()
  }
}
