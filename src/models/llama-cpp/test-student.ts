import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../kernel/clock.ts'
import { seededRandom } from '../../kernel/random.ts'
import { startLlamaCpp, type LlamaCpp, type LlamaCppOptions } from './llama-cpp.ts'

/** The tiny student of the repository, for tests. */
export const studentFolder = fileURLToPath(new URL('../../../students/tiny/', import.meta.url))

export function startTestStudent(options: Partial<LlamaCppOptions> = {}): Promise<LlamaCpp> {
  return startLlamaCpp({
    basePath: `${studentFolder}base.gguf`,
    studentFolder,
    agents: ['king'],
    clock: systemClock,
    random: seededRandom(1),
    contextSize: 512,
    ...options,
  })
}

/** What a random adapter has to fit. */
export async function studentShape(): Promise<{ readonly width: number; readonly layers: number }> {
  const config = JSON.parse(await readFile(`${studentFolder}config.json`, 'utf8')) as {
    hidden_size: number
    num_hidden_layers: number
  }
  return { width: config.hidden_size, layers: config.num_hidden_layers }
}
