import type { Trainer } from '../kernel/training.ts'
import { createTrainerProcess } from '../learning/trainer-process.ts'
import type { VillageSettings } from '../village/settings.ts'
import { trainerSettingsFrom, trainerThreads } from './agent-settings.ts'
import { tinyStudent } from './local-student.ts'
import { pythonPaths } from './python-side.ts'
import type { createPythonSideReader } from './python-side.ts'

/** The Python trainer on the tiny student, by the operator's settings. */
export function openTrainer(
  settings: VillageSettings,
  readState: ReturnType<typeof createPythonSideReader>,
): Trainer {
  return createTrainerProcess({
    pythonPath: pythonPaths.python,
    trainerFolder: pythonPaths.trainerFolder,
    studentFolder: tinyStudent.folder,
    converterFolder: pythonPaths.converterFolder,
    threads: settings.learning.threads ?? trainerThreads(),
    settings: trainerSettingsFrom(settings),
    readState,
  })
}
