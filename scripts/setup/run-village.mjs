import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { setUpNodeSide, villageEnvironment, villageNode } from './node-side.mjs'
import { inProject, projectFolder } from './paths.mjs'
import { pythonSideIsReady, setUpPythonSide } from './python-side.mjs'
import { endWithProblem } from './setup-problem.mjs'
import { villageNodeFlags } from './village-node-flags.mjs'

const commandsThatTrain = new Set(['simulate', 'train'])
/** A terminal's Ctrl-C reaches us twice when npm hands it on as well. */
const sameSignalWithinMs = 500

/**
 * Sets up what is missing and becomes the village: its output, its signals, its exit code.
 * `start` serves while the Python side is still being installed.
 * @param {readonly string[]} args
 */
export async function runVillage(args) {
  try {
    await setUpNodeSide()
    if (commandsThatTrain.has(args[0] ?? '')) {
      await setUpPythonSide({ withDevelopmentTools: false })
    }
    const pythonSetup = args[0] === 'start' ? setUpPythonInBackground() : null
    process.exitCode = await runToEnd(args)
    pythonSetup?.kill('SIGTERM')
  } catch (error) {
    endWithProblem(error)
  }
}

function setUpPythonInBackground() {
  if (pythonSideIsReady({ withDevelopmentTools: false })) {
    // Only says so; the village reads it.
    void setUpPythonSide({ withDevelopmentTools: false })
    return null
  }
  return spawn(process.execPath, [inProject('scripts/set-up-python.mjs')], {
    cwd: projectFolder,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

/** @returns {Promise<number>} the exit code */
function runToEnd(args) {
  // A process group of its own: signals arrive once, from here, whoever else got them.
  const program = [...villageNodeFlags, inProject('src/cli/main.ts')]
  const village = spawn(villageNode(), [...program, ...args], {
    stdio: 'inherit',
    env: villageEnvironment(),
    detached: true,
  })
  const lastSentAtMs = { SIGINT: 0, SIGTERM: 0, SIGHUP: 0 }
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      const nowMs = Date.now()
      if (nowMs - lastSentAtMs[signal] >= sameSignalWithinMs) village.kill(signal)
      lastSentAtMs[signal] = nowMs
    })
  }
  return new Promise((resolve, reject) => {
    village.once('error', reject)
    village.once('exit', (code, signal) => {
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL'])
    })
  })
}
