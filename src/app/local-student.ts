import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../students/tiny', import.meta.url))

/** The tiny student that comes with the project: the base that every agent's adapter grows on. */
export const tinyStudent = {
  folder,
  ggufPath: `${folder}/base.gguf`,
} as const

/** sha256 of the student's weights, as jobs and manifests name it. */
export function studentHash(): string {
  return createHash('sha256')
    .update(readFileSync(`${folder}/model.safetensors`))
    .digest('hex')
}
