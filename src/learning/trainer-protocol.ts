import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv/dist/2020.js'
import { TrainingFailedError } from '../kernel/errors.ts'
import type { TrainerEvent } from '../kernel/training.ts'

/** What both sides check against `trainer/schema`; the fields are those that this side reads. */
export type Manifest = {
  readonly runId: string
  readonly studentHash: string
  readonly adapterSha256: string
  readonly finalMetrics: Readonly<Record<string, number | null>>
}

export type TrainerMessage =
  | { readonly event: 'started'; readonly resumedFromStep: number }
  | { readonly event: 'phase'; readonly phase: string }
  | {
      readonly event: 'step'
      readonly phase: string
      readonly step: number
      readonly maxSteps: number
      readonly metrics: Readonly<Record<string, number | null>>
    }
  | { readonly event: 'warning'; readonly message: string }
  | { readonly event: 'finished' }
  | { readonly event: 'failed'; readonly reason: string; readonly detail?: string }
  | { readonly event: 'cancelled' }

/** The contract with the Python side. Everything that breaks it is a `TrainingFailedError`. */
export class TrainerProtocol {
  readonly #isJob: ValidateFunction
  readonly #isProgress: ValidateFunction
  readonly #isManifest: ValidateFunction

  private constructor(schemas: Readonly<Record<'job' | 'progress' | 'manifest', object>>) {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false })
    this.#isJob = ajv.compile(schemas.job)
    this.#isProgress = ajv.compile(schemas.progress)
    this.#isManifest = ajv.compile(schemas.manifest)
  }

  static async load(trainerFolder: string): Promise<TrainerProtocol> {
    const schema = async (name: string): Promise<object> =>
      JSON.parse(
        await readFile(join(trainerFolder, 'schema', `${name}.schema.json`), 'utf8'),
      ) as object
    return new TrainerProtocol({
      job: await schema('job'),
      progress: await schema('progress'),
      manifest: await schema('manifest'),
    })
  }

  checkJob(job: object): void {
    check(this.#isJob, job, 'The job does not fit trainer/schema/job.schema.json')
  }

  readProgress(line: string): TrainerMessage {
    const message = parseJson(line, 'The trainer wrote a line that is not JSON')
    check(this.#isProgress, message, `The trainer wrote an event that does not fit the schema`)
    return message as TrainerMessage
  }

  readManifest(text: string): Manifest {
    const manifest = parseJson(text, 'The manifest is not JSON')
    check(this.#isManifest, manifest, 'The manifest does not fit the schema')
    return manifest as Manifest
  }
}

/** What the village sees of a message; null for those that end a run. */
export function toTrainerEvent(message: TrainerMessage): TrainerEvent | null {
  switch (message.event) {
    case 'started':
      return message.resumedFromStep > 0
        ? { type: 'warning', message: `Resumed from step ${message.resumedFromStep}` }
        : { type: 'phase', phase: 'started' }
    case 'phase':
      return { type: 'phase', phase: message.phase }
    case 'step':
      return {
        type: 'step',
        phase: message.phase,
        step: message.step,
        maxSteps: message.maxSteps,
        metrics: knownNumbers(message.metrics),
      }
    case 'warning':
      return { type: 'warning', message: message.message }
    case 'finished':
    case 'failed':
    case 'cancelled':
      return null
  }
}

/** Metrics that were not measured come as null. */
export function knownNumbers(
  metrics: Readonly<Record<string, number | null>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null),
  )
}

function parseJson(text: string, problem: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TrainingFailedError(`${problem}: ${text.slice(0, 200)}`, { cause: error })
  }
}

function check(isValid: ValidateFunction, value: unknown, problem: string): void {
  if (isValid(value)) return
  const first = isValid.errors?.[0]
  const where = first === undefined ? '' : `: ${first.instancePath || '/'} ${first.message ?? ''}`
  throw new TrainingFailedError(`${problem}${where}`)
}
