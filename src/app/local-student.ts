import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../students/tiny', import.meta.url))

/** The tiny student that comes with the project: the base that every agent's adapter grows on. */
export const tinyStudent = {
  folder,
  ggufPath: `${folder}/base.gguf`,
} as const
