import type { AgentName } from '../kernel/agent-name.ts'
import { NotReadyError, VillageError } from '../kernel/errors.ts'
import type { TrainingRunStore } from '../kernel/stores.ts'
import type { TrainingRun } from '../kernel/training.ts'
import type { ContinuousLearningLayer } from './continuous-learning-layer.ts'
import type { ExaminationCache } from './evaluate.ts'
import type { LearningEvent } from './learning-event.ts'
import { RunRecorder } from './run-recorder.ts'
import type { ServiceChanges } from './service-changes.ts'
import { trainCandidate } from './train-candidate.ts'
import type { JudgedCandidate, RunParts } from './train-candidate.ts'

type Parts = Omit<RunParts, 'cache'> & {
  readonly runs: TrainingRunStore
  readonly services: ServiceChanges
  readonly onChange: (event: LearningEvent) => void
}

/** The reason on runs that the village's end cut short; they do not count as unsuccessful. */
export const interruptedReason = 'the village stopped during the run'

/** Carries out training runs, one at a time; whatever comes of one is recorded in its record. */
export class TrainingRuns {
  readonly #parts: Parts
  readonly #cache: ExaminationCache = new Map()
  #current: { readonly recorder: RunRecorder; readonly abort: AbortController } | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get current(): TrainingRun | null {
    return this.#current?.recorder.run ?? null
  }

  /** At start: runs that were under way when the village ended have failed. */
  async markInterrupted(): Promise<void> {
    for (const run of await this.#parts.runs.list({ limit: 100 })) {
      if (run.status !== 'running' && run.status !== 'evaluating') continue
      const finishedAtMs = this.#now()
      await this.#parts.runs.save({
        ...run,
        status: 'failed',
        reason: interruptedReason,
        finishedAtMs,
      })
    }
  }

  /** Resolves with the finished run. Throws `NotReadyError` when none can start now. */
  async start(layer: ContinuousLearningLayer, trigger: string): Promise<TrainingRun> {
    const { trainer, ids } = this.#parts
    if (this.#current !== null) throw new NotReadyError('Another training run is under way')
    const missing = trainer.unavailableBecause()
    if (missing !== null) throw new NotReadyError(missing)
    const run: TrainingRun = {
      id: ids.next('run'),
      agent: layer.agent,
      trigger,
      datasetVersionId: ids.next('ds'),
      status: 'running',
      phase: 'dataset',
      step: 0,
      maxSteps: 0,
      metrics: {},
      reason: null,
      checkpointHash: null,
      startedAtMs: this.#now(),
      finishedAtMs: null,
    }
    const recorder = new RunRecorder(run, this.#parts)
    const abort = new AbortController()
    this.#current = { recorder, abort }
    return this.#carryOut(layer, recorder, abort.signal)
  }

  cancel(reason: string): void {
    this.#current?.abort.abort(new NotReadyError(reason))
  }

  async #carryOut(
    layer: ContinuousLearningLayer,
    recorder: RunRecorder,
    signal: AbortSignal,
  ): Promise<TrainingRun> {
    const { agent } = layer
    const taken = layer.counts.takeForRun()
    this.#stage('training', agent, recorder.run.trigger)
    try {
      await recorder.update({})
      const judged = await trainCandidate(
        { ...this.#parts, cache: this.#cache },
        {
          recorder,
          serving: layer.served.weights,
          signal,
          onEvaluating: () => this.#stage('evaluating', agent, 'on held-out tasks'),
        },
      )
      this.#parts.services.remember(judged)
      this.#parts.onChange({ type: 'report', report: judged.report })
      const status = await this.#conclude(layer, recorder, judged)
      await this.#prune(layer)
      await recorder.update({ ...status, phase: 'finished', finishedAtMs: this.#now() })
    } catch (error) {
      if (signal.aborted) layer.counts.giveBack(taken)
      await this.#recordFailure(recorder, error, signal.aborted)
    } finally {
      this.#current = null
    }
    layer.noteRun(recorder.run)
    this.#stage('collecting', null, '')
    return recorder.run
  }

  async #recordFailure(recorder: RunRecorder, error: unknown, cancelled: boolean): Promise<void> {
    const { agent } = recorder.run
    const noteError = (problem: unknown): void => this.#noteError(agent, problem)
    if (!(error instanceof VillageError) && !cancelled) noteError(error)
    if (recorder.run.checkpointHash === null) {
      await this.#parts.checkpointer.discard(recorder.run.id).catch(noteError)
    }
    await recorder
      .update({
        status: cancelled ? 'cancelled' : 'failed',
        reason: error instanceof Error ? error.message : String(error),
        finishedAtMs: this.#now(),
      })
      .catch(noteError)
  }

  /** Promotes when the gate says so and what it was measured against still serves. */
  async #conclude(
    layer: ContinuousLearningLayer,
    recorder: RunRecorder,
    { report, weights }: JudgedCandidate,
  ): Promise<Pick<TrainingRun, 'status' | 'reason'>> {
    const { agent, served } = layer
    if (!report.promoted) return { status: 'refused', reason: report.why }
    if ((served.weights?.hash ?? null) !== report.serving) {
      return { status: 'refused', reason: 'Refused: what serves changed during the examination.' }
    }
    this.#stage('promoting', agent, report.why)
    await recorder.update({ phase: 'promoting' })
    await this.#parts.services.carryOut(served, {
      action: 'promotion',
      to: weights,
      report,
      reason: report.why,
    })
    layer.counts.markPromotion()
    return { status: 'promoted', reason: null }
  }

  async #prune({ agent, served }: ContinuousLearningLayer): Promise<void> {
    const inUse = [served.weights?.hash, served.previous?.hash].filter((hash) => hash !== undefined)
    await this.#parts.checkpointer.prune(agent, new Set(inUse)).catch((error: unknown) => {
      this.#noteError(agent, error)
    })
  }

  #noteError(agent: AgentName, error: unknown): void {
    this.#parts.onChange({ type: 'error', agent, error })
  }

  #stage(
    stage: Extract<LearningEvent, { type: 'stage' }>['stage'],
    agent: AgentName | null,
    detail: string,
  ): void {
    this.#parts.onChange({ type: 'stage', stage, agent, detail })
  }

  #now(): number {
    return this.#parts.clock.now()
  }
}
