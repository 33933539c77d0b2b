import { renameSync, writeFileSync } from 'node:fs'
import { inProject } from './paths.mjs'

const path = inProject('.venv.state.json')

/**
 * Tells the village, which may be serving already, how far the Python side is.
 * @param {'installing' | 'ready' | 'failed'} state
 * @param {string} detail one sentence for the user
 */
export function writePythonState(state, detail) {
  const partial = `${path}.${process.pid}.partial`
  writeFileSync(partial, JSON.stringify({ state, detail, updatedAt: new Date().toISOString() }))
  renameSync(partial, path)
}
