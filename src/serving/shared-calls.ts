type Flight<Value> = {
  readonly result: Promise<Value>
  readonly controller: AbortController
  waiting: number
}

export type SharedValue<Value> = { readonly value: Value; readonly led: boolean }

/**
 * Equal calls under way are made once (single flight). A caller that goes away leaves the call to
 * the others; when the last one goes, it is cancelled.
 */
export class SharedCalls<Value> {
  readonly #flights = new Map<string, Flight<Value>>()

  /** Calls under way. */
  get size(): number {
    return this.#flights.size
  }

  has(key: string): boolean {
    return this.#flights.has(key)
  }

  /** `led` is true for the caller whose `call` was made. Rejects with the signal's reason. */
  async join(
    key: string,
    call: (signal: AbortSignal) => Promise<Value>,
    signal: AbortSignal,
  ): Promise<SharedValue<Value>> {
    signal.throwIfAborted()
    const joined = this.#flights.get(key)
    const flight = joined ?? this.#start(key, call)
    flight.waiting += 1
    const value = await this.#whileWaiting(key, flight, signal)
    return { value, led: joined === undefined }
  }

  #start(key: string, call: (signal: AbortSignal) => Promise<Value>): Flight<Value> {
    const controller = new AbortController()
    const flight: Flight<Value> = { result: call(controller.signal), controller, waiting: 0 }
    this.#flights.set(key, flight)
    const land = (): void => this.#forget(key, flight)
    flight.result.then(land, land)
    return flight
  }

  #whileWaiting(key: string, flight: Flight<Value>, signal: AbortSignal): Promise<Value> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        flight.waiting -= 1
        if (flight.waiting === 0) {
          // Whoever asks from now on starts anew instead of joining what is being cancelled.
          this.#forget(key, flight)
          flight.controller.abort(signal.reason)
        }
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', leave, { once: true })
      flight.result.then(
        (value) => {
          signal.removeEventListener('abort', leave)
          resolve(value)
        },
        (error: unknown) => {
          signal.removeEventListener('abort', leave)
          reject(error)
        },
      )
    })
  }

  #forget(key: string, flight: Flight<Value>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}
