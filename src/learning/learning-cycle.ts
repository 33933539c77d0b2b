import { join } from 'node:path'
import { agentNames } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import type { Clock } from '../kernel/clock.ts'
import type { CodeRunner } from '../kernel/code-runner.ts'
import { NotReadyError } from '../kernel/errors.ts'
import type { Ids } from '../kernel/ids.ts'
import type { JsonValue } from '../kernel/json.ts'
import type { LocalModels, LocalWeights } from '../kernel/model-adapter.ts'
import type { Random } from '../kernel/random.ts'
import type { Ledger, LedgerEntry, StateStore, TrainingRunStore } from '../kernel/stores.ts'
import type { Checkpoint, Promotion, Trainer, TrainingRun } from '../kernel/training.ts'
import { ModelCheckpointer } from './checkpoints.ts'
import type { ContinuousLearningLayer, MeasuredQuality } from './continuous-learning-layer.ts'
import { createLearningLayer, recoverLearningLayer } from './create-learning-layer.ts'
import type { LearningEvent } from './learning-event.ts'
import type { LearningSettings } from './learning-settings.ts'
import type { ServiceAudit, ServiceChange } from './served-checkpoint.ts'
import { ServiceChanges } from './service-changes.ts'
import type { ServiceChanged } from './service-changes.ts'
import { reportOn } from './train-candidate.ts'
import { TrainingRuns, interruptedReason } from './training-runs.ts'

export type { HeldOutLabel, ServiceChanged } from './service-changes.ts'

export type LearningCycleOptions = {
  readonly ledger: Ledger
  readonly runs: TrainingRunStore
  readonly states: StateStore
  readonly localModels: LocalModels
  readonly trainer: Trainer
  readonly codeRunner: CodeRunner
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly settings: LearningSettings
  /** Holds `datasets/` and `checkpoints/`. */
  readonly folder: string
  /** The quality, 0–1, that an agent's local answers are held to. */
  readonly targetQuality: (agent: AgentName) => number
  readonly onChange: (event: LearningEvent) => void
  readonly onPromoted: (change: ServiceChanged) => void
}

const auditsPerAdaptation = 50

function longestWaiting(
  layers: readonly ContinuousLearningLayer[],
): ContinuousLearningLayer | undefined {
  return layers.toSorted((a, b) => lastRunMs(a) - lastRunMs(b))[0]
}

function lastRunMs({ lastRun }: ContinuousLearningLayer): number {
  return lastRun?.startedAtMs ?? -Infinity
}

/**
 * Learning from end to end, for all agents: datasets, training, the gate, promotion and rollback.
 * One run at a time in the whole village; whatever fails leaves what serves untouched.
 */
export class LearningCycle {
  readonly #options: LearningCycleOptions
  readonly #checkpointer: ModelCheckpointer
  readonly #layers: ReadonlyMap<AgentName, ContinuousLearningLayer>
  readonly #runs: TrainingRuns
  readonly #services: ServiceChanges
  readonly #pending = new Set<Promise<unknown>>()
  readonly #rollingBack = new Set<AgentName>()
  #stopped = false

  constructor(options: LearningCycleOptions) {
    this.#options = options
    this.#checkpointer = new ModelCheckpointer({
      ledger: options.ledger,
      clock: options.clock,
      folder: join(options.folder, 'checkpoints'),
      kept: options.settings.checkpointsKept,
    })
    const parts = { ...options, checkpointer: this.#checkpointer }
    this.#services = new ServiceChanges(parts)
    this.#runs = new TrainingRuns({ ...parts, services: this.#services })
    this.#layers = new Map(agentNames.map((agent) => [agent, createLearningLayer(agent, parts)]))
  }

  /** One agent's own learning: counts, what serves, advice on teacher and audits. */
  layer(agent: AgentName): ContinuousLearningLayer {
    const layer = this.#layers.get(agent)
    if (layer === undefined) throw new RangeError(`There is no agent named ${agent}`)
    return layer
  }

  get currentRun(): TrainingRun | null {
    return this.#runs.current
  }

  /**
   * At start: cleans up after a crash and puts back into service what served before. Returns the
   * rollbacks of weights that could not be loaded: nothing is known of how well the others do.
   */
  async recover(): Promise<readonly Promotion[]> {
    await this.#runs.markInterrupted()
    await this.#checkpointer.removeLeftOvers()
    const rollbacks: Promotion[] = []
    for (const layer of this.#layers.values()) {
      const rollback = await recoverLearningLayer(layer, { ...this.#options, interruptedReason })
      if (rollback !== null) rollbacks.push(rollback)
    }
    return rollbacks
  }

  /** Counts what the village has just recorded. */
  noteExamples(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) {
      if (entry.type === 'example') this.layer(entry.record.agent).counts.note(entry.record)
    }
  }

  /**
   * Starts a run when one is due: of the agents that ask for one, the one whose last run is the
   * longest ago. `localQuality` is that of the agent's answers served locally, from audits; null
   * while unknown, left out when it did not change.
   */
  afterTask(
    agent: AgentName,
    measured: { readonly localQuality?: MeasuredQuality | null } = {},
  ): void {
    if (measured.localQuality !== undefined) this.layer(agent).noteQuality(measured.localQuality)
    if (this.#stopped || !this.#options.settings.enabled || this.#runs.current !== null) return
    const now = { running: false, unavailableBecause: this.#options.trainer.unavailableBecause() }
    const next = longestWaiting(
      [...this.#layers.values()].filter((layer) => layer.adviseOnTraining(now).train),
    )
    if (next === undefined) return
    this.#track(next.agent, this.startRun(next.agent, next.adviseOnTraining(now).reason))
  }

  /** Judges what serves by one audit, and rolls it back when the evidence is enough. */
  observeAudit(audit: ServiceAudit & { readonly agent: AgentName }): void {
    const layer = this.layer(audit.agent)
    const alarmed = layer.served.observe(audit)
    this.#evolve(layer)
    if (!alarmed || this.#stopped || this.#rollingBack.has(audit.agent)) return
    this.#rollingBack.add(audit.agent)
    const { audits, notGoodEnough } = layer.served.monitor
    const reason = `${notGoodEnough} of ${audits} audited answers were not good enough, more than was promised`
    this.#track(
      audit.agent,
      this.rollBack(audit.agent, reason).finally(() => this.#rollingBack.delete(audit.agent)),
    )
  }

  /** What served before serves again; the bare student when nothing did. */
  async rollBack(agent: AgentName, reason: string): Promise<Promotion> {
    const { served, evolving } = this.layer(agent)
    this.#stage('rolling-back', agent, reason)
    const to = await this.#usable(served.previous)
    const report = await reportOn(this.#options.ledger, agent, to)
    const promotion = await this.#change(agent, { action: 'rollback', to, report, reason })
    this.layer(agent).noteRollback()
    for (const change of evolving.adapt({ type: 'rollback' })) this.#noteSetting(agent, change)
    await this.#saveSettings(agent)
    this.#stage(this.#runs.current === null ? 'collecting' : 'training', agent, reason)
    return promotion
  }

  /**
   * Trains, examines, and promotes or refuses. Resolves with the finished run, whatever came of
   * it. Throws `NotReadyError` when another run is under way or the trainer is not set up.
   */
  async startRun(agent: AgentName, trigger: string): Promise<TrainingRun> {
    if (this.#stopped) throw new NotReadyError('The village is stopping')
    return this.#tracked(this.#runs.start(this.layer(agent), trigger))
  }

  /** Ends the run under way, if any; it is recorded as cancelled. */
  cancel(reason = 'cancelled by the operator'): void {
    this.#runs.cancel(reason)
  }

  /** Puts weights into service without a gate, recorded as forced: for tests and simulations. */
  forceServe(
    agent: AgentName,
    weights: LocalWeights | Checkpoint | null,
    reason = 'forced by the operator',
  ): Promise<Promotion> {
    const to =
      weights === null
        ? null
        : { hash: weights.hash, path: 'ggufPath' in weights ? weights.ggufPath : weights.path }
    return this.#tracked(this.#change(agent, { action: 'forced', to, report: null, reason }))
  }

  /** Resolves when no run, promotion or rollback is under way. */
  async whenIdle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }

  /** Cancels the run under way and waits until everything is recorded. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.cancel(interruptedReason)
    await this.whenIdle()
    for (const layer of this.#layers.values()) await layer.served.flush()
  }

  #change(agent: AgentName, change: ServiceChange): Promise<Promotion> {
    return this.#services.carryOut(this.layer(agent).served, change)
  }

  async #usable(weights: LocalWeights | null): Promise<LocalWeights | null> {
    if (weights === null) return null
    return this.#checkpointer.verifiedWeights(weights).catch(() => null)
  }

  #noteSetting(
    agent: AgentName,
    change: { name: string; from: number; to: number; reason: string },
  ): void {
    this.#options.onChange({ type: 'setting', agent, ...change })
  }

  /** Every so many audits the agent adapts its own settings to the quality that they show. */
  #evolve({ agent, localQuality, targetQuality, served, evolving }: ContinuousLearningLayer): void {
    if (localQuality === null || served.monitor.audits % auditsPerAdaptation !== 0) return
    const changes = evolving.adapt({ type: 'quality', localQuality, targetQuality })
    if (changes.length === 0) return
    for (const change of changes) this.#noteSetting(agent, change)
    this.#track(agent, this.#saveSettings(agent))
  }

  async #saveSettings(agent: AgentName): Promise<void> {
    const settings = this.layer(agent).evolving.settings
    await this.#options.states.save(`learning:settings:${agent}`, settings satisfies JsonValue)
  }

  #track(agent: AgentName, work: Promise<unknown>): void {
    this.#tracked(work).catch((error: unknown) => this.#noteError(agent, error))
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work)
    const forget = (): void => void this.#pending.delete(work)
    work.then(forget, forget)
    return work
  }

  #noteError(agent: AgentName, error: unknown): void {
    this.#options.onChange({ type: 'error', agent, error })
  }

  #stage(
    stage: Extract<LearningEvent, { type: 'stage' }>['stage'],
    agent: AgentName | null,
    detail: string,
  ): void {
    this.#options.onChange({ type: 'stage', stage, agent, detail })
  }
}
