import type { AgentName } from '../kernel/agent-name.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { LocalModels, LocalWeights } from '../kernel/model-adapter.ts'
import type { Ledger, StateStore } from '../kernel/stores.ts'
import type { EvaluationReport, Promotion } from '../kernel/training.ts'
import type { ModelCheckpointer } from './checkpoints.ts'
import type { MonitorSettings } from './learning-settings.ts'
import {
  allowedShare,
  auditProbability,
  recordAudit,
  shouldRollBack,
  startMonitor,
} from './promotion-monitor.ts'
import type { MonitorState } from './promotion-monitor.ts'

/** What the gate measured of the weights that serve, by task kind. */
type PromisedKind = { readonly tasks: number; readonly notGoodEnough: number }
type PromisedQuality = Readonly<Record<string, PromisedKind>>

/** Saved after every change, so that a restart goes on where the village stopped. */
type Service = {
  readonly serving: LocalWeights | null
  readonly previous: LocalWeights | null
  readonly promised: PromisedQuality | null
  readonly servingSinceMs: number
  readonly monitor: MonitorState
}

export type ServiceChange = {
  readonly action: Promotion['action']
  readonly to: LocalWeights | null
  /** The report on the new weights: what it measured is what service is held to. */
  readonly report: EvaluationReport | null
  readonly reason: string
}

export type ServiceAudit = {
  readonly goodEnough: boolean
  readonly probability: number
  readonly kind?: string
  /** What answered; audits of weights that no longer serve are left out. */
  readonly checkpoint?: string | null
}

type Parts = {
  readonly ledger: Ledger
  readonly states: StateStore
  readonly localModels: LocalModels
  readonly checkpointer: ModelCheckpointer
  readonly clock: Clock
  readonly ids: Ids
  readonly settings: MonitorSettings
  /** The quality, 0–1, that answers are held to now. */
  readonly targetQuality: () => number
}

/** The weights that serve one agent, what they promised, and how they do in service. */
export class ServedCheckpoint {
  readonly agent: AgentName
  readonly #parts: Parts
  readonly #stateKey: string
  #service: Service
  #saving: Promise<void> | null = null

  constructor(agent: AgentName, parts: Parts) {
    this.agent = agent
    this.#parts = parts
    this.#stateKey = `learning:service:${agent}`
    this.#service = this.#startService(null, null, null)
  }

  get weights(): LocalWeights | null {
    return this.#service.serving
  }

  get previous(): LocalWeights | null {
    return this.#service.previous
  }

  get servingSinceMs(): number {
    return this.#service.servingSinceMs
  }

  get monitor(): MonitorState {
    return this.#service.monitor
  }

  auditProbability(settings: MonitorSettings): number {
    return auditProbability(this.#service.monitor, settings)
  }

  /** Takes up what served before the restart. Damaged weights are replaced by the ones before. */
  async recover(): Promise<Promotion | null> {
    const saved = (await this.#parts.states.load(this.#stateKey)) as Service | null
    const [last] = await this.#parts.ledger.list('promotion', {
      agent: this.agent,
      newestFirst: true,
      limit: 1,
    })
    if (last === undefined || last.to === null) {
      if (last?.to === saved?.serving?.hash || saved?.serving === null) this.#restore(saved)
      await this.#parts.localModels.serve(this.agent, null)
      return null
    }
    const serving = saved?.serving?.hash === last.to ? saved.serving : await this.#find(last.to)
    if (saved?.serving?.hash === last.to) this.#restore(saved)
    else {
      // The village died between the promotion and the saving of this state.
      const previous = last.from === null ? null : await this.#find(last.from)
      const report =
        last.evaluationId === null
          ? null
          : await this.#parts.ledger.get('evaluation-report', last.evaluationId)
      this.#service = this.#startService(serving, previous, promiseOf(report))
    }
    try {
      if (serving === null) throw new Error(`the checkpoint ${last.to.slice(0, 12)} is not known`)
      const weights = await this.#parts.checkpointer.verifiedWeights(serving)
      await this.#parts.localModels.serve(this.agent, weights)
      return null
    } catch (error) {
      return this.#fallBack(`it could not be loaded at start: ${(error as Error).message}`)
    }
  }

  /** Swaps what serves; when the ledger cannot record it, what served before serves again. */
  async change(change: ServiceChange): Promise<Promotion> {
    const { localModels, ledger, ids, clock } = this.#parts
    const from = this.#service
    await localModels.serve(this.agent, change.to)
    const promotion: Promotion = {
      id: ids.next('promo'),
      agent: this.agent,
      action: change.action,
      from: from.serving?.hash ?? null,
      to: change.to?.hash ?? null,
      evaluationId: change.action === 'promotion' ? (change.report?.id ?? null) : null,
      reason: change.reason,
      atMs: clock.now(),
    }
    try {
      await ledger.commit([{ type: 'promotion', record: promotion }])
    } catch (error) {
      await localModels.serve(this.agent, from.serving)
      throw error
    }
    // Weights forced into service promise nothing of their own: they are held to what they replace.
    this.#service = this.#startService(
      change.to,
      change.action === 'rollback' ? null : from.serving,
      change.action === 'forced' ? from.promised : promiseOf(change.report),
    )
    await this.#save()
    return promotion
  }

  /** Records an audit and says whether the weights should be rolled back. */
  observe(audit: ServiceAudit): boolean {
    const { serving, promised } = this.#service
    if (audit.checkpoint !== undefined && audit.checkpoint !== (serving?.hash ?? null)) return false
    const { settings, targetQuality } = this.#parts
    const monitor = recordAudit(this.#service.monitor, {
      goodEnough: audit.goodEnough,
      probability: audit.probability,
      allowed: allowedShare(promisedFor(promised, audit.kind), targetQuality(), settings),
    })
    const alarmed = shouldRollBack(monitor, settings)
    // The bare student cannot be rolled back: its watch starts anew.
    this.#service = {
      ...this.#service,
      monitor: alarmed && serving === null ? startMonitor() : monitor,
    }
    void this.#save().catch(() => undefined)
    return alarmed && serving !== null
  }

  /** Waits until the last state is stored. */
  async flush(): Promise<void> {
    await this.#save()
  }

  async #fallBack(reason: string): Promise<Promotion> {
    const { previous } = this.#service
    const usable =
      previous === null
        ? null
        : await this.#parts.checkpointer.verifiedWeights(previous).catch(() => null)
    try {
      return await this.change({ action: 'rollback', to: usable, report: null, reason })
    } catch {
      return this.change({ action: 'rollback', to: null, report: null, reason })
    }
  }

  async #find(hash: string): Promise<LocalWeights | null> {
    const checkpoint = await this.#parts.checkpointer.find(hash)
    return checkpoint === null ? null : { hash: checkpoint.hash, path: checkpoint.ggufPath }
  }

  #restore(saved: Service | null): void {
    if (saved !== null) this.#service = saved
  }

  #startService(
    serving: LocalWeights | null,
    previous: LocalWeights | null,
    promised: PromisedQuality | null,
  ): Service {
    const servingSinceMs = this.#parts.clock.now()
    return { serving, previous, promised, servingSinceMs, monitor: startMonitor() }
  }

  /** One write at a time; what changes meanwhile is written by the next. */
  #save(): Promise<void> {
    this.#saving ??= Promise.resolve().then(() => {
      this.#saving = null
      return this.#parts.states.save(this.#stateKey, this.#service)
    })
    return this.#saving
  }
}

function promiseOf(report: EvaluationReport | null): PromisedQuality | null {
  if (report === null) return null
  return Object.fromEntries(
    report.kinds.map(({ kind, tasks, candidateRight }) => [
      kind,
      { tasks, notGoodEnough: tasks - candidateRight },
    ]),
  )
}

function promisedFor(
  promised: PromisedQuality | null,
  kind: string | undefined,
): PromisedKind | null {
  if (promised === null) return null
  const ofKind = kind === undefined ? undefined : promised[kind]
  if (ofKind !== undefined) return ofKind
  return Object.values(promised).reduce(
    (sum, one) => ({
      tasks: sum.tasks + one.tasks,
      notGoodEnough: sum.notGoodEnough + one.notGoodEnough,
    }),
    { tasks: 0, notGoodEnough: 0 },
  )
}
