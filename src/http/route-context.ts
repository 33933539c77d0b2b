import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { VillageService } from '../village/village-service.ts'
import type { DecisionTrail, VillageStatus } from './contract.ts'
import type { StatusEvents } from './status-events.ts'

/** The village's state for the dashboard and the command line. */
export type StatusSource = {
  current(): VillageStatus
  /** Calls the listener after every change; the returned function ends that. */
  subscribe(listener: () => void): () => void
}

export type TrailSource = {
  find(decisionId: string): Promise<DecisionTrail | null>
}

export type FailureReport = {
  readonly error: unknown
  readonly bug: boolean
  readonly status: number
  readonly route: string
}

/** What the handlers work with. */
export type RouteContext = {
  readonly service: VillageService
  readonly status: StatusSource
  readonly trails: TrailSource
  readonly statusEvents: StatusEvents
  readonly clock: Clock
  readonly ids: Ids
  readonly startedAtMs: number
  readonly bodyLimitBytes: number
  report(failure: FailureReport): void
}
