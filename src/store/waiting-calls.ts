import { StoreError } from '../kernel/errors.ts'

export type WaitingCall = {
  /** Calls are attempted in this order. */
  readonly sequence: number
  /** As text, see `textOfCall`. */
  readonly call: string
  /** Where the journal has it; null for one whose caller waits for the database. */
  readonly segment: number | null
  readonly resolve: () => void
  readonly reject: (error: StoreError) => void
}

type Attempt = { readonly upTo: number; readonly resolve: () => void }

const maxCallsInGroup = 2_000
const maxCalls = 100_000
const maxCharacters = 64 * 1024 * 1024

/** Calls on their way to the database, and who waits until they were attempted. */
export class WaitingCalls {
  #calls: WaitingCall[] = []
  #characters = 0
  #added = 0
  #lastRecorded = 0
  #attempted = 0
  #awaited: Attempt[] = []

  get length(): number {
    return this.#calls.length
  }

  /** Whether somebody waits for the database to have one of them. */
  get areAwaited(): boolean {
    return this.#awaited.length > 0 || this.#calls.some(({ segment }) => segment === null)
  }

  /** Why one more is not taken; null when it is. */
  refusalOf(call: string): StoreError | null {
    if (this.#calls.length < maxCalls && this.#characters + call.length <= maxCharacters) {
      return null
    }
    return new StoreError(
      `The database cannot keep up: ${this.#calls.length} writes are waiting; try again`,
      { retryable: true },
    )
  }

  add(call: Omit<WaitingCall, 'sequence'>): void {
    this.#added += 1
    if (call.segment !== null) this.#lastRecorded = this.#added
    this.#calls.push({ ...call, sequence: this.#added })
    this.#characters += call.call.length
  }

  takeGroup(): readonly WaitingCall[] {
    const group = this.#calls.slice(0, maxCallsInGroup)
    this.#calls = this.#calls.slice(maxCallsInGroup)
    for (const { call } of group) this.#characters -= call.length
    return group
  }

  takeAll(): readonly WaitingCall[] {
    const all = this.#calls
    this.#calls = []
    this.#characters = 0
    return all
  }

  putBack(calls: readonly WaitingCall[]): void {
    this.#calls = [...calls, ...this.#calls]
    for (const { call } of calls) this.#characters += call.length
  }

  /** The first segment of the journal that has one of them. */
  firstSegment(): number | null {
    return this.#calls.find(({ segment }) => segment !== null)?.segment ?? null
  }

  /** Undefined when all that was recorded was attempted; else resolves when it was. */
  recordedAttempted(): Promise<void> | undefined {
    return this.#lastRecorded > this.#attempted ? this.#attempt(this.#lastRecorded) : undefined
  }

  /** Resolves when everything that was added so far was attempted once more. */
  allAttempted(): Promise<void> {
    return this.#attempt(this.#added)
  }

  noteAttempt(sequence = this.#added): void {
    this.#attempted = Math.max(this.#attempted, sequence)
    const awaited = this.#awaited
    this.#awaited = awaited.filter(({ upTo }) => upTo > this.#attempted)
    for (const { upTo, resolve } of awaited) if (upTo <= this.#attempted) resolve()
  }

  #attempt(upTo: number): Promise<void> {
    return new Promise((resolve) => this.#awaited.push({ upTo, resolve }))
  }
}
