import { Worker } from 'node:worker_threads'
import { CascadeScorer } from './cascade-scorer.ts'
import type { CascadeLabel } from './cascade-scorer.ts'
import type { FitReply, FitRequest } from './fit-worker.ts'

type Waiting = (scorer: CascadeScorer | null) => void

/**
 * Fits scorers in a thread of its own, started with the first, so that serving never waits for one.
 * The result depends on the labels alone. A fit that fails gives null and is reported.
 */
export class FitThread {
  readonly #onError: (error: Error) => void
  readonly #entry: URL
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #fits = 0
  #isClosed = false

  constructor(options: { readonly onError: (error: Error) => void; readonly entry?: URL }) {
    this.#onError = options.onError
    this.#entry = options.entry ?? new URL('./fit-worker.ts', import.meta.url)
  }

  fit(labels: readonly CascadeLabel[]): Promise<CascadeScorer | null> {
    if (this.#isClosed) return Promise.resolve(null)
    this.#fits += 1
    const fit = this.#fits
    return new Promise((resolve) => {
      this.#waiting.set(fit, resolve)
      this.#worker ??= this.#start()
      this.#worker.ref()
      this.#worker.postMessage({ fit, labels } satisfies FitRequest)
    })
  }

  /** Fits under way give null. */
  async close(): Promise<void> {
    this.#isClosed = true
    const worker = this.#worker
    this.#worker = null
    this.#giveUp()
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(this.#entry, { env: {}, stdout: true, stderr: true })
    worker.on('message', (reply: FitReply) => {
      const resolve = this.#waiting.get(reply.fit)
      this.#waiting.delete(reply.fit)
      if (this.#waiting.size === 0) worker.unref()
      if ('state' in reply) resolve?.(new CascadeScorer(reply.state))
      else {
        this.#onError(new Error(`No scorer could be fitted: ${reply.problem}`))
        resolve?.(null)
      }
    })
    // 'exit' follows every 'error'; without a listener the error would end the village.
    let reason = 'it ended'
    worker.on('error', (error) => {
      reason = String(error)
    })
    worker.on('exit', () => {
      if (worker !== this.#worker) return
      this.#worker = null
      this.#onError(new Error(`The thread that fits scorers ended: ${reason}`))
      this.#giveUp()
    })
    return worker
  }

  #giveUp(): void {
    for (const resolve of this.#waiting.values()) resolve(null)
    this.#waiting.clear()
  }
}
