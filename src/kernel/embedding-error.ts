import { VillageError } from './errors.ts'

/** No vector came of a text: the request is answered as if there were no semantic cache. */
export class EmbeddingError extends VillageError {
  override readonly name = 'EmbeddingError'
  readonly boundary = 'model'
  readonly retryable = false
}
