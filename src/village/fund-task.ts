import type { ApiKey } from '../kernel/api-key.ts'
import type { ModelDescription } from '../kernel/model-adapter.ts'
import type { Reservation } from '../safety/budget-reservations.ts'
import type { PreparedTask } from './answer-task.ts'
import type { Candidate } from './serve-with-fallback.ts'
import type { Spending } from './spending.ts'

export type FundedTask = {
  readonly prepared: PreparedTask
  /** Null when nothing was to be reserved. */
  readonly reservation: Reservation | null
}

type FundOptions = {
  readonly spending: Spending
  readonly signal: AbortSignal
  readonly caller?: ApiKey
}

/**
 * Reserves what the task may cost. Where a model that costs nothing comes first, the task neither
 * waits for money nor is refused: without money it has that model alone. Throws and rejects as
 * `Spending.reserve` does. Without a budget it answers at once.
 */
export function fundTask(
  prepared: PreparedTask,
  options: FundOptions,
): FundedTask | Promise<FundedTask> {
  const { spending, signal } = options
  const caller = options.caller ?? null
  if (!spending.applyTo(caller)) return { prepared, reservation: null }
  const { candidates } = prepared
  if (isFree(candidates[0])) return fundFreeFirst(prepared, options)
  const reserved = spending.reserve(caller, candidates.map(callOf), signal)
  if (!(reserved instanceof Promise)) return { prepared, reservation: reserved }
  return reserved.then((reservation) => ({ prepared, reservation }))
}

function fundFreeFirst(prepared: PreparedTask, { spending, caller }: FundOptions): FundedTask {
  const reservation = spending.tryReserve(caller ?? null, prepared.candidates.map(callOf))
  if (reservation !== 'refused') return { prepared, reservation }
  return {
    prepared: { ...prepared, candidates: prepared.candidates.filter(isFree) },
    reservation: null,
  }
}

function callOf({ request, adapter }: Candidate) {
  return { request, description: adapter.description }
}

function isFree(candidate: Candidate | undefined): boolean {
  return candidate !== undefined && costsNothing(candidate.adapter.description)
}

function costsNothing({ price }: ModelDescription): boolean {
  return price.prompt === 0 && price.completion === 0
}
