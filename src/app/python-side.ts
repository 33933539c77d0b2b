import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type PythonSide = {
  readonly state: 'missing' | 'installing' | 'ready' | 'failed'
  /** One sentence: what is going on, or what to do. */
  readonly detail: string
}

const projectFolder = fileURLToPath(new URL('../../', import.meta.url))

/** Where the trainer's parts stand in the project; `scripts/` sets them up. */
export const pythonPaths = {
  python: `${projectFolder}.venv/bin/python`,
  trainerFolder: `${projectFolder}trainer`,
  converterFolder: `${projectFolder}.venv/llama.cpp`,
  stateFile: `${projectFolder}.venv.state.json`,
} as const

const rereadAfterMs = 1_000

/** Reads how far the Python environment's setup is; asks the file system at most once a second. */
export function createPythonSideReader(nowMs: () => number): () => PythonSide {
  let known = readPythonSide()
  let readAtMs = nowMs()
  return () => {
    if (nowMs() - readAtMs >= rereadAfterMs) {
      known = readPythonSide()
      readAtMs = nowMs()
    }
    return known
  }
}

export function readPythonSide(): PythonSide {
  if (!existsSync(pythonPaths.stateFile)) {
    return {
      state: 'missing',
      detail: 'The Python environment was not set up. Start the village with `npm start`.',
    }
  }
  try {
    const written = JSON.parse(readFileSync(pythonPaths.stateFile, 'utf8')) as PythonSide
    return { state: written.state, detail: written.detail }
  } catch {
    return { state: 'installing', detail: 'The state of the Python environment is being written.' }
  }
}
