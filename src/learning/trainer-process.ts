import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { TrainingFailedError } from '../kernel/errors.ts'
import type { TrainedWeights, Trainer, TrainerEvent, TrainingJob } from '../kernel/training.ts'
import { hashFile } from './checkpoints.ts'
import { TrainerProtocol, knownNumbers, toTrainerEvent } from './trainer-protocol.ts'
import type { TrainerMessage } from './trainer-protocol.ts'
import { writeFileAtomically } from './write-file-atomically.ts'

/** Hyper-parameters as the job file has them. */
export type TrainerSettings = {
  readonly lora: { readonly rank: number; readonly alpha: number }
  readonly sft: {
    readonly learningRate: number
    readonly batchSize: number
    readonly maxSteps: number
    readonly maxLength: number
  }
  readonly dpo: {
    readonly learningRate: number
    readonly beta: number
    readonly batchSize: number
    readonly maxSteps: number
    readonly sftWeight: number
  }
  readonly saveEverySteps: number
}

/** Measured for the tiny student; larger ones want learning rates ten times lower. */
export const tinyStudentTrainerSettings: TrainerSettings = {
  lora: { rank: 32, alpha: 64 },
  sft: { learningRate: 1.5e-3, batchSize: 8, maxSteps: 600, maxLength: 320 },
  dpo: { learningRate: 1e-4, beta: 0.1, batchSize: 16, maxSteps: 40, sftWeight: 1 },
  saveEverySteps: 150,
}

export type TrainerProcessOptions = {
  readonly pythonPath: string
  readonly trainerFolder: string
  readonly studentFolder: string
  /** sha256 of the student's `model.safetensors`; computed at the first run when not given. */
  readonly studentHash?: string
  readonly converterFolder: string
  readonly threads: number
  readonly settings: TrainerSettings
  /** Where the setting up of the Python side stands. */
  readonly readState: () => {
    readonly state: 'missing' | 'installing' | 'ready' | 'failed'
    readonly detail: string
  }
  /** How long a run may take to end by itself once it is cancelled. */
  readonly killAfterMs?: number
}

const lowPriority = constants.priority.PRIORITY_LOW
const keptErrorCharacters = 4000

/** Runs the Python trainer as a child process in a group of its own, at low priority. */
export function createTrainerProcess(options: TrainerProcessOptions): Trainer {
  let protocol: Promise<TrainerProtocol> | undefined
  let studentHash: Promise<string> | undefined
  return {
    unavailableBecause: () => {
      const { state, detail } = options.readState()
      return state === 'ready' ? null : `training waits: ${detail}`
    },
    train: async (job, { signal, onEvent }) => {
      signal.throwIfAborted()
      protocol ??= TrainerProtocol.load(options.trainerFolder)
      studentHash ??=
        options.studentHash === undefined
          ? hashFile(join(options.studentFolder, 'model.safetensors'))
          : Promise.resolve(options.studentHash)
      const parts = { options, protocol: await protocol, studentHash: await studentHash }
      const jobPath = await writeJob(job, parts)
      for (let attempt = 1; ; attempt += 1) {
        const end = await runOnce(jobPath, parts.protocol, options, { signal, onEvent })
        signal.throwIfAborted()
        if (end.type === 'finished') return readWeights(job, parts)
        // Killed from outside (out of memory, say): the trainer goes on from what it saved.
        if (end.type === 'killed' && attempt === 1) {
          onEvent({ type: 'warning', message: `${end.reason}; started again from what it saved` })
          continue
        }
        throw new TrainingFailedError(end.reason, { retryable: end.type === 'killed' })
      }
    },
  }
}

type Parts = {
  readonly options: TrainerProcessOptions
  readonly protocol: TrainerProtocol
  readonly studentHash: string
}

async function writeJob(job: TrainingJob, parts: Parts): Promise<string> {
  const { studentFolder, threads, settings, converterFolder } = parts.options
  const { lora, sft, dpo, saveEverySteps } = settings
  const file = {
    version: 1,
    runId: job.runId,
    agent: job.agent,
    student: { path: studentFolder, hash: parts.studentHash },
    startFrom: job.startFrom,
    dataset: {
      versionId: job.datasetVersionId,
      sft: job.sftPath,
      preferences: job.preferencesPath,
    },
    output: job.outputFolder,
    seed: job.seed,
    threads,
    lora,
    sft,
    dpo: job.preferencesPath === null ? null : dpo,
    converter: converterFolder,
    saveEverySteps,
  }
  parts.protocol.checkJob(file)
  const jobPath = `${job.outputFolder}.job.json`
  await writeFileAtomically(jobPath, JSON.stringify(file, null, 2))
  return jobPath
}

type RunEnd =
  | { readonly type: 'finished' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'killed'; readonly reason: string }

function runOnce(
  jobPath: string,
  protocol: TrainerProtocol,
  options: TrainerProcessOptions,
  { signal, onEvent }: { signal: AbortSignal; onEvent: (event: TrainerEvent) => void },
): Promise<RunEnd> {
  const child = spawn(options.pythonPath, ['-m', 'village_trainer', 'train', jobPath], {
    cwd: options.trainerFolder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutSecrets(process.env),
      PYTHONPATH: options.trainerFolder,
      PYTHONUNBUFFERED: '1',
      HF_HUB_OFFLINE: '1',
      TOKENIZERS_PARALLELISM: 'false',
      OMP_NUM_THREADS: String(options.threads),
    },
  })
  lowerPriority(child)
  let last: TrainerMessage | null = null
  let brokenProtocol: string | null = null
  let errorText = ''
  let killTimer: NodeJS.Timeout | undefined
  const end = (): void => {
    signalGroup(child, 'SIGTERM')
    killTimer ??= setTimeout(() => signalGroup(child, 'SIGKILL'), options.killAfterMs ?? 5000)
  }
  const onExit = (): void => signalGroup(child, 'SIGKILL')
  signal.addEventListener('abort', end, { once: true })
  process.once('exit', onExit)
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorText = (errorText + text).slice(-keptErrorCharacters)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (brokenProtocol !== null || line.trim() === '') return
    try {
      last = protocol.readProgress(line)
      const event = toTrainerEvent(last)
      if (event !== null) onEvent(event)
    } catch (error) {
      brokenProtocol = (error as Error).message
      end()
    }
  })
  return new Promise((resolve) => {
    let failedStart: string | null = null
    child.on('error', (error) => {
      failedStart = `The trainer could not be started (${options.pythonPath}): ${error.message}`
      if (child.pid === undefined) finish(null, null)
    })
    child.on('close', (code, exitSignal) => finish(code, exitSignal))
    const finish = (code: number | null, exitSignal: NodeJS.Signals | null): void => {
      clearTimeout(killTimer)
      signal.removeEventListener('abort', end)
      process.off('exit', onExit)
      const problem = failedStart ?? brokenProtocol
      resolve(
        problem === null
          ? describeEnd({ last, code, exitSignal, errorText })
          : { type: 'failed', reason: problem },
      )
    }
  })
}

function describeEnd(run: {
  last: TrainerMessage | null
  code: number | null
  exitSignal: NodeJS.Signals | null
  errorText: string
}): RunEnd {
  const { last, code, exitSignal } = run
  if (exitSignal !== null) {
    return { type: 'killed', reason: `The trainer was killed by ${exitSignal}` }
  }
  if (last?.event === 'failed') {
    return { type: 'failed', reason: `${last.reason}${last.detail ? `: ${last.detail}` : ''}` }
  }
  if (last?.event === 'finished' && code === 0) return { type: 'finished' }
  const lastLine = run.errorText.trim().split('\n').at(-1) ?? ''
  return {
    type: 'failed',
    reason: `The trainer ended with code ${code} before it finished${lastLine === '' ? '' : `: ${lastLine}`}`,
  }
}

/** Believes the files, not the message: the manifest must be there and fit the weights. */
async function readWeights(job: TrainingJob, parts: Parts): Promise<TrainedWeights> {
  const manifestPath = join(job.outputFolder, 'manifest.json')
  const text = await readFile(manifestPath, 'utf8').catch((error: unknown) => {
    throw new TrainingFailedError(`The trainer left no manifest at ${manifestPath}`, {
      cause: error,
    })
  })
  const manifest = parts.protocol.readManifest(text)
  const ggufPath = join(job.outputFolder, 'adapter.gguf')
  const hash = await hashFile(ggufPath).catch((error: unknown) => {
    throw new TrainingFailedError(`The trainer left no weights at ${ggufPath}`, { cause: error })
  })
  if (hash !== manifest.adapterSha256) {
    throw new TrainingFailedError(`The weights at ${ggufPath} do not have the manifest's hash`)
  }
  if (manifest.runId !== job.runId || manifest.studentHash !== parts.studentHash) {
    throw new TrainingFailedError(`The manifest at ${manifestPath} is of another run or student`)
  }
  return {
    folder: job.outputFolder,
    ggufPath,
    hash,
    studentHash: manifest.studentHash,
    metrics: knownNumbers(manifest.finalMetrics),
  }
}

/** The trainer needs no network and so no keys. */
function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/KEY|TOKEN|SECRET|PASSWORD/i.test(name)),
  )
}

function lowerPriority(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    setPriority(child.pid, lowPriority)
  } catch {
    // It may have ended already; its end says why.
  }
}

/** A negative id names the whole group: the trainer's own children end with it. */
function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // The group has ended already.
  }
}
