import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { AgentName } from '../kernel/agent-name.ts'
import type { Clock } from '../kernel/clock.ts'
import { TrainingFailedError } from '../kernel/errors.ts'
import type { LocalWeights } from '../kernel/model-adapter.ts'
import type { Ledger } from '../kernel/stores.ts'
import type { Checkpoint, TrainedWeights, TrainingRun } from '../kernel/training.ts'

/** Keeps the checkpoints that training runs make, and their files, and nothing half-written. */
export class ModelCheckpointer {
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly #folder: string
  readonly #kept: number

  constructor(options: {
    readonly ledger: Ledger
    readonly clock: Clock
    /** Holds one folder per training run. */
    readonly folder: string
    readonly kept: number
  }) {
    this.#ledger = options.ledger
    this.#clock = options.clock
    this.#folder = options.folder
    this.#kept = options.kept
  }

  /** Where the run with this id puts its checkpoint. */
  folderOf(runId: string): string {
    return join(this.#folder, runId)
  }

  /** Equal weights of an earlier run keep the record (and the hash) that they have. */
  async register(weights: TrainedWeights, run: TrainingRun): Promise<Checkpoint> {
    const known = await this.find(weights.hash)
    if (known !== null) return known
    const checkpoint: Checkpoint = {
      hash: weights.hash,
      agent: run.agent,
      folder: weights.folder,
      ggufPath: weights.ggufPath,
      studentHash: weights.studentHash,
      trainingRunId: run.id,
      datasetVersionId: run.datasetVersionId,
      createdAtMs: this.#clock.now(),
    }
    await this.#ledger.commit([{ type: 'checkpoint', record: checkpoint }])
    return checkpoint
  }

  /** With its files where they are now: a home folder may be moved or restored elsewhere. */
  async find(hash: string): Promise<Checkpoint | null> {
    const checkpoint = await this.#ledger.get('checkpoint', hash)
    if (checkpoint === null) return null
    const ggufPath = this.#presentPath(checkpoint.ggufPath)
    if (ggufPath === checkpoint.ggufPath) return checkpoint
    return { ...checkpoint, folder: dirname(ggufPath), ggufPath }
  }

  /** Weights to load. Throws `TrainingFailedError` when the file is missing or not what it was. */
  async verifiedWeights(weights: LocalWeights): Promise<LocalWeights> {
    const path = this.#presentPath(weights.path)
    const hash = await hashFile(path).catch((error: unknown) => {
      throw new TrainingFailedError(`The checkpoint ${path} cannot be read: ${String(error)}`, {
        cause: error,
      })
    })
    if (hash !== weights.hash) {
      throw new TrainingFailedError(
        `The checkpoint ${path} is damaged: its hash is ${hash.slice(0, 12)}, not ${weights.hash.slice(0, 12)}`,
      )
    }
    return { hash: weights.hash, path }
  }

  /** Deletes the files of an agent's older checkpoints, but never of those in `inUse`. */
  async prune(agent: AgentName, inUse: ReadonlySet<string>): Promise<readonly Checkpoint[]> {
    const newestFirst = await this.#ledger.list('checkpoint', { agent, newestFirst: true })
    const old = newestFirst.slice(this.#kept).filter(({ hash }) => !inUse.has(hash))
    for (const { folder } of old) {
      await rm(this.folderOf(basename(folder)), { recursive: true, force: true })
    }
    return old
  }

  /** Deletes whatever a run that did not finish has left. */
  async discard(runId: string): Promise<void> {
    const folder = this.folderOf(runId)
    for (const path of [folder, `${folder}.partial`, `${folder}.work`, `${folder}.job.json`]) {
      await rm(path, { recursive: true, force: true })
    }
  }

  /** At start: folders that no checkpoint in the ledger names are left-overs of a crash. */
  async removeLeftOvers(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch(() => [])
    const known = new Set<string>()
    for (const { folder } of await this.#ledger.list('checkpoint')) known.add(basename(folder))
    const leftOvers = names
      .filter((name) => !known.has(name))
      .map((name) => join(this.#folder, name))
    for (const path of leftOvers) await rm(path, { recursive: true, force: true })
    return leftOvers
  }

  /** Weights of a run of ours, in the folder as it is named now; any other path stays. */
  #presentPath(path: string): string {
    if (existsSync(path)) return path
    const moved = join(this.#folder, basename(dirname(path)), basename(path))
    return existsSync(moved) ? moved : path
  }
}

/** sha256 of a file's bytes, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
