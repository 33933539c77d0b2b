import { agentNames } from '../kernel/agent-name.ts'
import type { Clock } from '../kernel/clock.ts'
import type { JsonValue } from '../kernel/json.ts'
import type { VillageStore } from '../kernel/stores.ts'
import type { Accounting } from './figures/accounting.ts'
import type { FrontierCostEstimate } from './figures/frontier-cost-estimate.ts'
import type { StatusBoard } from './figures/status-board.ts'
import type { TaskRouter } from './planning/task-router.ts'

const routerKey = 'village/router'
const figuresKey = 'village/figures'
const labelsBetweenSaves = 50
const tasksBetweenSaves = 200
/** Figures are replayed from the ledger: under load they need no snapshot for every 200 tasks. */
const leastMsBetweenSaves = 5_000
const recentRecords = 30

type Figures = { readonly accounting: JsonValue; readonly costs: JsonValue }

export type VillageMemoryParts = {
  readonly store: VillageStore
  readonly router: TaskRouter
  readonly accounting: Accounting
  readonly costs: FrontierCostEstimate
  readonly board: StatusBoard
  readonly clock: Clock
}

/** What the village keeps in memory, saved now and then and taken up again at the start. */
export class VillageMemory {
  readonly #parts: VillageMemoryParts
  #savedLabels = 0
  #savedTasks = 0
  #savedAtMs = 0
  #saving: Promise<void> = Promise.resolve()

  constructor(parts: VillageMemoryParts) {
    this.#parts = parts
  }

  /** Snapshots first, then what the ledger holds beyond them: a kill -9 loses no figure. */
  async restore(): Promise<void> {
    const { store, router, accounting, costs } = this.#parts
    const [savedRouter, savedFigures] = await Promise.all([
      store.states.load(routerKey),
      store.states.load(figuresKey),
    ])
    if (savedRouter !== null) router.restore(savedRouter)
    const figures = savedFigures as unknown as Figures | null
    const upToMs = figures === null ? 0 : accounting.restore(figures.accounting)
    if (figures !== null) costs.restore(figures.costs)
    await this.#replayLedger(upToMs)
    await this.#fillBoard()
    this.#savedTasks = accounting.totals.tasks
  }

  /** Saves when enough has changed; never more than one save at a time. */
  saveSometimes(): void {
    const { router, accounting, clock } = this.#parts
    const due =
      router.labels - this.#savedLabels >= labelsBetweenSaves ||
      (accounting.totals.tasks - this.#savedTasks >= tasksBetweenSaves &&
        clock.now() - this.#savedAtMs >= leastMsBetweenSaves)
    if (due) void this.save()
  }

  save(): Promise<void> {
    const { store, router, accounting, costs, clock } = this.#parts
    this.#savedAtMs = clock.now()
    this.#savedLabels = router.labels
    this.#savedTasks = accounting.totals.tasks
    const figures: Figures = { accounting: accounting.snapshot(), costs: costs.snapshot() }
    const routing = router.snapshot()
    this.#saving = this.#saving
      .catch(() => undefined)
      .then(async () => {
        await store.states.save(routerKey, routing)
        await store.states.save(figuresKey, figures)
      })
    return this.#saving
  }

  async #replayLedger(upToMs: number): Promise<void> {
    const { store, router, accounting } = this.#parts
    const sinceMs = upToMs + 1
    const [interactions, decisions] = await Promise.all([
      store.ledger.list('interaction', { sinceMs }),
      store.ledger.list('decision', { sinceMs }),
    ])
    for (const interaction of interactions) accounting.addInteraction(interaction)
    for (const decision of decisions) accounting.addDecision(decision, router.thresholds())
  }

  async #fillBoard(): Promise<void> {
    const { store, board } = this.#parts
    const newest = { newestFirst: true, limit: recentRecords } as const
    const [runs, reports, promotions, decisions] = await Promise.all([
      store.runs.list({ limit: recentRecords }),
      store.ledger.list('evaluation-report', newest),
      store.ledger.list('promotion', newest),
      store.ledger.list('decision', newest),
    ])
    for (const run of runs.toReversed()) board.noteRun(run)
    for (const report of reports.toReversed()) board.noteReport(report)
    for (const promotion of promotions.toReversed()) board.restorePromotion(promotion)
    for (const decision of decisions.toReversed()) {
      const served = await store.ledger.get('interaction', decision.interactionId)
      board.noteDecision(decision, served === null ? '' : textOf(served.messages))
    }
    board.counts.promotions = await this.#countPromotions('promotion')
    board.counts.rollbacks = await this.#countPromotions('rollback')
  }

  async #countPromotions(action: string): Promise<number> {
    let count = 0
    for (const agent of agentNames) {
      const all = await this.#parts.store.ledger.list('promotion', { agent })
      count += all.filter((promotion) => promotion.action === action).length
    }
    return count
  }
}

function textOf(messages: readonly { readonly content: unknown }[]): string {
  const last = messages.at(-1)?.content
  return typeof last === 'string' ? last : ''
}
