/** Hands items from a producer that pushes to one consumer that takes all that is there at once. */
export type EventQueue<T> = {
  push(item: T): void
  end(): void
  fail(error: Error): void
  /** Undefined after the end; rejects with the failure once the items before it were taken. */
  take(): Promise<readonly T[] | undefined>
  size(): number
}

export function createEventQueue<T>(): EventQueue<T> {
  let items: T[] = []
  let ended = false
  let failure: { readonly error: Error } | undefined
  let waiting:
    | {
        readonly resolve: (batch: readonly T[] | undefined) => void
        readonly reject: (error: Error) => void
      }
    | undefined
  /** Wakes the consumer after the present burst of pushes, so that it takes them together. */
  let wakes = false
  const hasNews = (): boolean => items.length > 0 || ended || failure !== undefined
  const wake = (): void => {
    if (waiting === undefined || wakes) return
    wakes = true
    queueMicrotask(() => {
      wakes = false
      if (waiting === undefined || !hasNews()) return
      const consumer = waiting
      waiting = undefined
      settle(consumer.resolve, consumer.reject)
    })
  }
  const settle = (
    resolve: (batch: readonly T[] | undefined) => void,
    reject: (error: Error) => void,
  ): void => {
    if (items.length > 0) {
      const batch = items
      items = []
      resolve(batch)
    } else if (failure !== undefined) reject(failure.error)
    else resolve(undefined)
  }
  return {
    push: (item) => {
      items.push(item)
      wake()
    },
    end: () => {
      ended = true
      wake()
    },
    fail: (error) => {
      failure = { error }
      wake()
    },
    take: () =>
      new Promise((resolve, reject) => {
        if (hasNews()) settle(resolve, reject)
        else waiting = { resolve, reject }
      }),
    size: () => items.length,
  }
}
