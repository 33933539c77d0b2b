import { agentNames } from '../kernel/agent-name.ts'
import { systemClock } from '../kernel/clock.ts'
import type { LocalModels } from '../kernel/model-adapter.ts'
import type { Random } from '../kernel/random.ts'
import { startLlamaCpp } from '../models/llama-cpp/llama-cpp.ts'
import type { VillageSettings } from '../village/settings.ts'
import type { VillageLog } from './village-log.ts'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../students/tiny', import.meta.url))

/** The tiny student that comes with the project: the base that every agent's adapter grows on. */
export const tinyStudent = {
  folder,
  ggufPath: `${folder}/base.gguf`,
} as const

/** The student of every agent, in a process of its own. */
export function startLocalModels(
  { batching, parallelRequests }: VillageSettings['local'],
  random: Random,
  log: VillageLog,
): Promise<LocalModels> {
  return startLlamaCpp({
    // Local inference takes real time, also in a simulation.
    clock: systemClock,
    basePath: tinyStudent.ggufPath,
    studentFolder: tinyStudent.folder,
    // The bare student is examined under a name of its own.
    agents: [...agentNames, 'base'],
    random,
    batching,
    sequencesPerAgent: parallelRequests,
    onRestart: (reason: string) =>
      log.warn({ reason }, 'the local inference process was restarted'),
  })
}
