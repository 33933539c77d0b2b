import type { ApiKey } from '../../kernel/api-key.ts'
import type { ModelDescription } from '../../kernel/model-adapter.ts'
import type { Reservation } from '../../safety/budget-reservations.ts'
import type { PreparedTask } from './answer-task.ts'
import type { Candidate } from './serve-with-fallback.ts'
import type { Spending } from '../access/spending.ts'

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
 * waits for money nor is refused: without money it has that model alone, and waits or is refused
 * only when that one's answer is handed over. Throws and rejects as
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

function fundFreeFirst(prepared: PreparedTask, options: FundOptions): FundedTask {
  const { candidates } = prepared
  const reservation = options.spending.tryReserve(options.caller ?? null, candidates.map(callOf))
  if (reservation !== 'refused') return { prepared, reservation }
  if ((candidates[0]?.watch?.judge ?? null) === null) {
    return { prepared: { ...prepared, candidates: candidates.filter(isFree) }, reservation: null }
  }
  return fundLater(prepared, options)
}

/** A local answer that is judged may have to be handed over: only then the task waits for money. */
function fundLater(prepared: PreparedTask, { spending, caller, signal }: FundOptions): FundedTask {
  const calls = prepared.candidates.map(callOf)
  let reservation: Reservation | null = null
  const fund = async (): Promise<void> => {
    reservation ??= await spending.reserve(caller ?? null, calls, signal)
  }
  const candidates = prepared.candidates.map((candidate) =>
    isFree(candidate) ? candidate : { ...candidate, fund },
  )
  return {
    prepared: { ...prepared, candidates },
    reservation: { release: () => reservation?.release() },
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
