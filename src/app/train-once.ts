import type { AgentName } from '../kernel/agent-name.ts'
import type { TrainingRun } from '../kernel/training.ts'
import type { LearningEvent } from '../learning/learning-event.ts'
import { createLogger } from '../telemetry/create-logger.ts'
import { defaultHome, readSettings, takeHomeFolder } from './home-folder.ts'
import { openVillage } from './open-village.ts'

/**
 * Trains one agent on what was recorded, in the foreground and without a server, through the same
 * gate as ever. Throws `NotReadyError` when a village is using the home folder.
 */
export async function trainOnce(options: {
  readonly environment: NodeJS.ProcessEnv
  readonly agent: AgentName
  onLearning?(event: LearningEvent): void
}): Promise<TrainingRun> {
  const home = takeHomeFolder(defaultHome(options.environment))
  const { logger, close: closeLogger } = await createLogger({ folder: home.logs })
  const village = await openVillage({
    home,
    settings: readSettings(home.settingsFile),
    // No model of the frontier is called while training: the answers are recorded already.
    frontier: { baseUrl: 'http://127.0.0.1:9', apiKey: 'unused', simulated: false },
    log: logger,
    onLearning: (event) => options.onLearning?.(event),
  })
  try {
    return await village.cycle.startRun(options.agent, 'village train')
  } finally {
    await village.close()
    await closeLogger()
  }
}
