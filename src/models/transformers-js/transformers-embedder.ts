import { hash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { TextEmbedder } from '../../kernel/text-embedder.ts'
import { EmbeddingError } from '../../kernel/embedding-error.ts'
import type { EmbeddingReply, EmbeddingRequest } from './embedding-worker.ts'

/** An embedding model, and where it is found. */
export type TransformersModel = {
  /** As Hugging Face names it, such as `Xenova/all-MiniLM-L6-v2`. */
  readonly name: string
  /** A folder with the model's files; null to load them from the hub. */
  readonly folder: string | null
  /** Another hub than huggingface.co. */
  readonly hubUrl: string | null
  /** Where files of the hub are kept. */
  readonly cacheFolder: string
  /** Of the weights: `fp32`, `fp16`, `q8` … */
  readonly precision: string
  /** The package, or the address of a module with its interface. */
  readonly packageName: string
}

export type TransformersEmbedder = TextEmbedder & { close(): Promise<void> }

type Waiting = {
  readonly resolve: (vector: Float32Array) => void
  readonly reject: (error: Error) => void
}

const packageNeeded = '@huggingface/transformers@4.3.2'
/** Texts that may wait; more are refused, which costs those requests a similar answer. */
const mostWaiting = 256
const probe = 'The quick brown fox jumps over the lazy dog.'

/**
 * Embeddings by Transformers.js in a worker thread: mean of the last layer, of length 1. Resolves
 * once the model is loaded, which on first use means downloaded. Throws `EmbeddingError` when the
 * package is not installed or the model cannot be loaded.
 */
export async function openTransformersEmbedder(
  model: TransformersModel,
): Promise<TransformersEmbedder> {
  const thread = new EmbeddingThread(model)
  try {
    await thread.ready
    const vector = await thread.embed(probe)
    return {
      name: model.name,
      hash: fingerprintOf(model, vector),
      dimension: vector.length,
      embed: (text) => thread.embed(text),
      close: () => thread.close(),
    }
  } catch (error) {
    await thread.close()
    throw error
  }
}

/**
 * By what the model does, so that other weights under one name are noticed. Rounded: machines differ
 * in the last digits.
 */
function fingerprintOf({ name, precision }: TransformersModel, vector: Float32Array): string {
  const rounded = Array.from(vector, (value) => Math.round(value * 50))
  return hash('sha256', JSON.stringify([name, precision, rounded])).slice(0, 16)
}

class EmbeddingThread {
  readonly ready: Promise<void>
  readonly #model: TransformersModel
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #texts = 0
  #ended: string | null = null

  constructor(model: TransformersModel) {
    this.#model = model
    const worker = new Worker(new URL('./embedding-worker.ts', import.meta.url), {
      workerData: model,
      env: {},
    })
    this.#worker = worker
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (reply: EmbeddingReply) => {
        if (reply.type === 'ready') resolve()
        else if (reply.type === 'problem' && reply.id === null)
          reject(this.#cannotLoad(reply.problem))
        else this.#settle(reply)
      })
      // 'exit' follows every 'error'; without a listener the error would end the village.
      let reason = 'it ended'
      worker.on('error', (error) => (reason = String(error)))
      worker.on('exit', () => {
        this.#ended = reason
        reject(this.#cannotLoad(reason))
        for (const waiting of this.#waiting.values()) waiting.reject(this.#failed(reason))
        this.#waiting.clear()
      })
    })
    this.ready.catch(() => undefined)
  }

  embed(text: string): Promise<Float32Array> {
    if (this.#ended !== null) return Promise.reject(this.#failed(this.#ended))
    if (this.#waiting.size >= mostWaiting) {
      return Promise.reject(this.#failed(`${mostWaiting} texts wait already`))
    }
    this.#texts += 1
    const id = this.#texts
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.ref()
      this.#worker.postMessage({ id, text } satisfies EmbeddingRequest)
    })
  }

  async close(): Promise<void> {
    this.#ended ??= 'it is closed'
    await this.#worker.terminate()
  }

  #settle(reply: Exclude<EmbeddingReply, { type: 'ready' }>): void {
    if (reply.id === null) return
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (this.#waiting.size === 0) this.#worker.unref()
    if (reply.type === 'vector') waiting?.resolve(reply.vector)
    else waiting?.reject(this.#failed(reply.problem))
  }

  #failed(problem: string): EmbeddingError {
    return new EmbeddingError(`The embedding model ${this.#model.name} failed: ${problem}`)
  }

  #cannotLoad(problem: string): EmbeddingError {
    const { name, folder, packageName } = this.#model
    if (problem.includes('ERR_MODULE_NOT_FOUND') || problem.includes('Cannot find package')) {
      return new EmbeddingError(
        `The embedding model ${name} needs a package that is not installed (${packageName}): run ` +
          `\`npm install --no-save ${packageNeeded}\`, or leave embeddings.model out for the built-in one.`,
      )
    }
    const place = folder ?? 'the hub'
    return new EmbeddingError(
      `The embedding model ${name} was not loaded from ${place}: ${problem}`,
    )
  }
}
