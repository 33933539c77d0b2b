import { Worker } from 'node:worker_threads'
import type { CodeRunner, CodeRunResult } from '../kernel/code-runner.ts'
import { NotReadyError } from '../kernel/errors.ts'
import type { TaskVerifier } from '../kernel/task.ts'
import type { CodeWorkerReply, CodeWorkerRequest } from './code-worker.ts'
import { extractCode } from './extract-code.ts'

/** The interpreter interrupts itself first; the worker is killed only when that did not help. */
const killGraceMs = 250

type Job = CodeWorkerRequest & { readonly resolve: (result: CodeRunResult) => void }

/**
 * Runs answers one after the other in a worker thread that holds the interpreters, and replaces
 * the worker when code overruns its time or breaks it. `timeoutMs` counts the run alone.
 */
export function createCodeRunner(
  options: { readonly timeoutMs?: number; readonly memoryBytes?: number } = {},
): CodeRunner {
  return new WorkerCodeRunner({
    timeoutMs: options.timeoutMs ?? 500,
    memoryBytes: options.memoryBytes ?? 32 * 1024 * 1024,
  })
}

class WorkerCodeRunner implements CodeRunner {
  readonly #limits: CodeWorkerRequest['limits']
  readonly #waiting: Job[] = []
  #current: Job | null = null
  #worker: Worker | null = null
  #ready = false
  #deadline: NodeJS.Timeout | undefined
  #closed = false

  constructor(limits: CodeWorkerRequest['limits']) {
    this.#limits = limits
  }

  run(answer: string, verifier: TaskVerifier): Promise<CodeRunResult> {
    if (this.#closed) return Promise.reject(new NotReadyError('The code runner is closed'))
    const code = extractCode(answer, verifier.language)
    if (code === '') return Promise.resolve({ passed: false, reason: 'the answer holds no code' })
    return new Promise((resolve) => {
      this.#waiting.push({ code, verifier, limits: this.#limits, resolve })
      this.#startNext()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    const unfinished = [...(this.#current === null ? [] : [this.#current]), ...this.#waiting]
    this.#waiting.length = 0
    this.#current = null
    for (const job of unfinished) job.resolve({ passed: false, reason: 'the code runner closed' })
    clearTimeout(this.#deadline)
    await this.#worker?.terminate()
    this.#worker = null
  }

  #startNext(): void {
    if (this.#current !== null || this.#waiting.length === 0) return
    this.#worker ??= this.#startWorker()
    if (!this.#ready) return
    const job = this.#waiting.shift()
    if (job === undefined) return
    this.#current = job
    this.#worker.ref()
    const { code, verifier, limits } = job
    this.#worker.postMessage({ code, verifier, limits } satisfies CodeWorkerRequest)
    this.#deadline = setTimeout(
      () => this.#replaceWorker(`it ran for more than ${limits.timeoutMs} ms`),
      limits.timeoutMs + killGraceMs,
    )
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./code-worker.ts', import.meta.url), {
      env: {},
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    })
    worker.on('message', (reply: CodeWorkerReply) => {
      if (worker !== this.#worker) return
      if (reply.type === 'broken') {
        this.#replaceWorker(reply.reason)
        return
      }
      if (reply.type === 'ready') this.#ready = true
      else this.#finishCurrent(reply.result)
      if (this.#current === null && this.#waiting.length === 0) worker.unref()
      this.#startNext()
    })
    // 'exit' follows every 'error'; without a listener the error would end the village.
    let failure = 'the worker ended'
    worker.on('error', (error) => {
      failure = String(error)
    })
    worker.on('exit', () => {
      if (worker === this.#worker) this.#replaceWorker(failure)
    })
    return worker
  }

  /** The job at hand fails; a worker that never became ready fails the job that waits for it. */
  #replaceWorker(reason: string): void {
    const worker = this.#worker
    const neverReady = !this.#ready
    this.#worker = null
    this.#ready = false
    void worker?.terminate()
    if (neverReady) this.#current = this.#waiting.shift() ?? null
    this.#finishCurrent({ passed: false, reason: `the code was stopped: ${reason}` })
    this.#startNext()
  }

  #finishCurrent(result: CodeRunResult): void {
    clearTimeout(this.#deadline)
    const job = this.#current
    this.#current = null
    job?.resolve(result)
  }
}
