import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { Access } from '../village/access/access.ts'
import type { BatchService } from '../village/batch-service.ts'
import type { SettableTargets } from '../village/planning/target-view.ts'
import type {
  AnswerInput,
  AnswerOptions,
  EmbedInput,
  KeptAnswers,
  VillageService,
} from '../village/village-service.ts'
import type { DecisionTrail, VillageStatus } from './contract.ts'
import type { IdleStreams } from './idle-streams.ts'
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

type ClientOptions = Required<Pick<AnswerOptions, 'signal' | 'caller'>>

/** A route cannot forget who asks: answers are always somebody's to pay. */
type ServiceOfRoutes = Omit<VillageService, 'answer' | 'stream' | 'embed'> & {
  embed(input: EmbedInput, options: ClientOptions): ReturnType<VillageService['embed']>
  answer(input: AnswerInput, options: ClientOptions): ReturnType<VillageService['answer']>
  stream(input: AnswerInput, options: ClientOptions): ReturnType<VillageService['stream']>
}

/** What the handlers work with. */
export type RouteContext = {
  readonly service: ServiceOfRoutes
  readonly access: Access
  readonly answers: KeptAnswers | null
  readonly batches: BatchService | null
  readonly status: StatusSource
  readonly trails: TrailSource
  readonly targets: SettableTargets | null
  readonly statusEvents: StatusEvents
  readonly idleStreams: IdleStreams
  readonly clock: Clock
  readonly ids: Ids
  readonly startedAtMs: number
  readonly bodyLimitBytes: number
  report(failure: FailureReport): void
}
