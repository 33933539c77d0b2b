import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { findPython } from './find-python.mjs'
import { inProject } from './paths.mjs'
import { writePythonState } from './python-state.mjs'
import { runCommand } from './run-command.mjs'
import { withSetupLock } from './setup-lock.mjs'
import { say, SetupProblem } from './setup-problem.mjs'

const environment = inProject('.venv')
export const environmentPython = inProject('.venv/bin/python')
const stampPath = inProject('.venv/village-setup.json')
const interruptedMark = inProject('.venv/installing')
const requirements = inProject('trainer/requirements.txt')
const developmentRequirements = inProject('trainer/requirements-dev.txt')
const converterBundle = inProject('node_modules/node-llama-cpp/llama/gitRelease.bundle')
const converterFolder = inProject('.venv/llama.cpp')
const stateEveryMs = 500

/**
 * Reads a few files only.
 * @param {{ withDevelopmentTools: boolean }} options
 */
export function pythonSideIsReady({ withDevelopmentTools }) {
  const done = readStamp()
  return (
    existsSync(environmentPython) &&
    done.requirements === hashOf(requirements) &&
    done.converter === converterVersion() &&
    (!withDevelopmentTools || done.developmentRequirements === hashOf(developmentRequirements))
  )
}

/**
 * Makes `.venv` with what the trainer needs. What an earlier run finished is kept; the state is
 * written for the village to read. Throws `SetupProblem`.
 * @param {{ withDevelopmentTools: boolean }} options
 */
export async function setUpPythonSide(options) {
  if (pythonSideIsReady(options)) {
    writePythonState('ready', 'The Python environment is ready')
    return
  }
  const startedAt = Date.now()
  writePythonState('installing', 'The Python environment is waiting to be set up')
  try {
    await withSetupLock('venv', () => install(options))
  } catch (error) {
    writePythonState('failed', error instanceof Error ? error.message : String(error))
    throw error
  }
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  writePythonState('ready', `The Python environment is ready (set up in ${seconds} s)`)
  say(`Python side ready in ${seconds} s`)
}

async function install(options) {
  if (pythonSideIsReady(options)) return
  await makeEnvironment()
  if (readStamp().requirements !== hashOf(requirements)) {
    // PyTorch first and alone: other packages then take the build that is there.
    const torch = torchRequirement()
    if (torch !== null) await installPackages(`${torch} (the largest part)`, [torch])
    await installPackages('the packages of trainer/requirements.txt', ['-r', requirements])
    stamp({ requirements: hashOf(requirements) })
  }
  if (options.withDevelopmentTools) {
    if (readStamp().developmentRequirements !== hashOf(developmentRequirements)) {
      const what = 'the packages of trainer/requirements-dev.txt'
      await installPackages(what, ['-r', developmentRequirements])
      stamp({ developmentRequirements: hashOf(developmentRequirements) })
    }
  }
  if (readStamp().converter !== converterVersion()) {
    await unpackConverter()
    stamp({ converter: converterVersion() })
  }
}

async function makeEnvironment() {
  // Packages may lie there by half after an interruption, and pip would not notice.
  if (existsSync(interruptedMark)) rmSync(environment, { recursive: true, force: true })
  if (existsSync(environmentPython)) {
    const { code } = await runCommand(environmentPython, ['-m', 'pip', '--version'])
    if (code === 0) return
    rmSync(environment, { recursive: true, force: true })
  }
  const python = await findPython()
  tell(`making .venv with ${python}`)
  const { code, tail } = await runCommand(python, ['-m', 'venv', environment])
  if (code !== 0) throw new SetupProblem(`${python} -m venv .venv failed:\n${tail}`)
}

async function installPackages(what, packages) {
  tell(`installing ${what}`)
  writeFileSync(interruptedMark, '')
  let toldAt = 0
  const { code, tail } = await runCommand(
    environmentPython,
    ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', ...packages],
    {
      onLine: (line) => {
        if (Date.now() - toldAt < stateEveryMs) return
        toldAt = Date.now()
        writePythonState('installing', `Installing ${what}: ${line.trim().slice(0, 120)}`)
      },
    },
  )
  rmSync(interruptedMark, { force: true })
  if (code !== 0) throw new SetupProblem(`pip could not install ${what}:\n${tail}`)
}

/** The converters that make GGUF files come with node-llama-cpp, as a bundle for git. */
async function unpackConverter() {
  tell('unpacking the llama.cpp converters')
  const { code: git } = await runCommand('git', ['--version'])
  if (git !== 0) {
    throw new SetupProblem(
      'Training needs git to unpack the llama.cpp converters; install it and run the command again.',
    )
  }
  const { code, tail } = await runCommand(
    environmentPython,
    ['-m', 'village_trainer', 'converter', '--bundle', converterBundle, '--out', converterFolder],
    { cwd: inProject('trainer') },
  )
  if (code !== 0) throw new SetupProblem(`The llama.cpp converters could not be unpacked:\n${tail}`)
}

function tell(what) {
  say(`Python side: ${what}`)
  writePythonState('installing', `${what[0].toUpperCase()}${what.slice(1)}`)
}

function torchRequirement() {
  return readFileSync(requirements, 'utf8').match(/^torch==[^\s;#]+/m)?.[0] ?? null
}

function converterVersion() {
  return existsSync(converterBundle) ? `bundle of ${statSync(converterBundle).size} bytes` : null
}

function hashOf(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampPath, 'utf8'))
  } catch {
    return {}
  }
}

function stamp(change) {
  writeFileSync(stampPath, JSON.stringify({ ...readStamp(), ...change }))
}
