import { NotReadyError } from '../kernel/errors.ts'

type SharedStreamOptions<Event> = {
  readonly sizeOf: (event: Event) => number
  /** The source is not read beyond such an event. */
  readonly isLast: (event: Event) => boolean
  /** What a reader may be behind the fastest one, in the units of `sizeOf`. */
  readonly maxBehind: number
  /** Called once: nobody may join any more. */
  readonly onClosed: () => void
}

type Reader = { position: number; isGone: boolean; isTooSlow: boolean }

/**
 * One source of events for several readers, each of which gets all of them. The source is read at
 * the pace of the fastest reader; one that falls too far behind is cut off, so that memory stays
 * bounded. When the last reader has gone, the source is cancelled.
 */
export class SharedStream<Event> {
  readonly #options: SharedStreamOptions<Event>
  readonly #controller = new AbortController()
  readonly #source: AsyncIterator<Event>
  readonly #readers = new Set<Reader>()
  #events: { readonly event: Event; readonly size: number }[] = []
  /** The position of the first event that is still held. */
  #first = 0
  #heldSize = 0
  #isOpen = true
  #pulling: Promise<void> | null = null
  #outcome: { readonly error?: unknown } | null = null

  constructor(
    start: (signal: AbortSignal) => AsyncIterable<Event>,
    options: SharedStreamOptions<Event>,
  ) {
    this.#options = options
    this.#source = start(this.#controller.signal)[Symbol.asyncIterator]()
  }

  /** False once events were let go, or when the stream is over or cancelled. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /**
   * All events from the first one on; only while `isOpen`. The reader counts from this call, and
   * must be read to its end, returned or aborted.
   */
  read(signal: AbortSignal): AsyncGenerator<Event> {
    const reader: Reader = { position: 0, isGone: false, isTooSlow: false }
    this.#readers.add(reader)
    const leave = (): void => this.#leave(reader, signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    return this.#eventsFor(reader, signal, leave)
  }

  async *#eventsFor(reader: Reader, signal: AbortSignal, leave: () => void): AsyncGenerator<Event> {
    try {
      for (;;) {
        signal.throwIfAborted()
        if (reader.isTooSlow) throw tooSlow()
        const held = this.#events[reader.position - this.#first]
        if (held !== undefined) {
          reader.position += 1
          if (!this.#isOpen) this.#letGo()
          yield held.event
        } else if (this.#outcome === null) {
          await (this.#pulling ??= this.#pull())
        } else {
          if ('error' in this.#outcome) throw this.#outcome.error
          return
        }
      }
    } finally {
      signal.removeEventListener('abort', leave)
      this.#leave(reader, new DOMException('Nobody reads this answer any more', 'AbortError'))
    }
  }

  async #pull(): Promise<void> {
    try {
      const next = await this.#source.next()
      if (next.done === true) this.#end({})
      else this.#hold(next.value)
      if (next.done !== true && this.#options.isLast(next.value)) {
        this.#end({})
        await this.#source.return?.()
      }
    } catch (error) {
      this.#end({ error })
    } finally {
      this.#pulling = null
    }
  }

  #hold(event: Event): void {
    const size = this.#options.sizeOf(event)
    this.#events.push({ event, size })
    this.#heldSize += size
    if (this.#heldSize <= this.#options.maxBehind) return
    this.#close()
    this.#letGo()
    if (this.#heldSize > this.#options.maxBehind) this.#cutOffSlowReaders()
  }

  /** Forgets what every reader has had. */
  #letGo(): void {
    let slowest = this.#first + this.#events.length
    for (const { position } of this.#readers) slowest = Math.min(slowest, position)
    const gone = this.#events.splice(0, slowest - this.#first)
    for (const { size } of gone) this.#heldSize -= size
    this.#first = slowest
  }

  /** All but the fastest, who waits for the event that has just come in. */
  #cutOffSlowReaders(): void {
    const newest = this.#first + this.#events.length - 1
    for (const reader of this.#readers) {
      if (reader.position >= newest) continue
      reader.isTooSlow = true
      this.#readers.delete(reader)
    }
    this.#letGo()
  }

  #leave(reader: Reader, reason: unknown): void {
    if (reader.isGone) return
    reader.isGone = true
    this.#readers.delete(reader)
    if (this.#readers.size > 0 || this.#outcome !== null) return
    this.#close()
    this.#controller.abort(reason)
    // What the source still has to see to (records, counts) happens when it is told to end.
    void this.#finishSource()
  }

  async #finishSource(): Promise<void> {
    await this.#pulling
    await this.#source.return?.().catch(() => undefined)
    this.#end({})
  }

  #end(outcome: { readonly error?: unknown }): void {
    this.#outcome ??= outcome
    this.#close()
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#options.onClosed()
  }
}

function tooSlow(): NotReadyError {
  return new NotReadyError(
    'This reader was too far behind the others of the same answer and was cut off; send the request again.',
  )
}
