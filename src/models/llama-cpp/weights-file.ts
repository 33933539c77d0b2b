import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ModelCallError } from '../../kernel/errors.ts'
import type { LocalWeights } from '../../kernel/model-adapter.ts'

/** The SHA-256 of a file, in hexadecimal digits. */
export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/**
 * A path whose name carries the hash of the content: llama.cpp keeps adapters by path, so another
 * content under a path that it knows would never be read. Throws `ModelCallError` when the file
 * cannot be read or is not what the hash says.
 */
export async function pathNamedByHash(weights: LocalWeights, folder: string): Promise<string> {
  const found = await hashOfFile(weights.path).catch((cause: unknown) => {
    throw new ModelCallError(`The weights ${weights.path} cannot be read.`, {
      model: 'local',
      retryable: false,
      cause,
    })
  })
  if (found !== weights.hash) {
    throw new ModelCallError(
      `The weights ${weights.path} are not those that were trained: their hash is ${found}, expected ${weights.hash}.`,
      { model: 'local', retryable: false },
    )
  }
  if (basename(weights.path).includes(weights.hash)) return weights.path
  const path = join(folder, `${weights.hash}.gguf`)
  // Copied under another name first, so that a half-written file never has the name that counts.
  await copyFile(weights.path, `${path}.partial`)
  await rename(`${path}.partial`, path)
  return path
}
