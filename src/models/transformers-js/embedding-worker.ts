import { basename, dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { TransformersModel } from './transformers-embedder.ts'

export type EmbeddingRequest = { readonly id: number; readonly text: string }

export type EmbeddingReply =
  | { readonly type: 'ready' }
  | { readonly type: 'vector'; readonly id: number; readonly vector: Float32Array }
  /** Without an id: the model could not be loaded at all. */
  | { readonly type: 'problem'; readonly id: number | null; readonly problem: string }

/** Only what is used of `@huggingface/transformers` 4: it is loaded where it is installed. */
type Transformers = {
  readonly env: {
    allowRemoteModels: boolean
    allowLocalModels: boolean
    localModelPath: string
    remoteHost: string
    cacheDir: string | null
  }
  pipeline(
    task: 'feature-extraction',
    model: string,
    options: { readonly dtype: string },
  ): Promise<Extractor>
}

type Extractor = (
  text: string,
  options: { readonly pooling: 'mean'; readonly normalize: true },
) => Promise<{ readonly data: Float32Array }>

const port = parentPort
if (port === null) throw new Error('embedding-worker.ts runs in a worker only')
const send = (reply: EmbeddingReply): void => port.postMessage(reply)

const extractor = await load(workerData as TransformersModel)
if (extractor !== null) {
  port.on('message', ({ id, text }: EmbeddingRequest) => {
    extractor(text, { pooling: 'mean', normalize: true })
      .then(({ data }) => send({ type: 'vector', id, vector: Float32Array.from(data) }))
      .catch((error: unknown) => send({ type: 'problem', id, problem: String(error) }))
  })
  send({ type: 'ready' })
}

/** Null, and said, when that fails. */
async function load(model: TransformersModel): Promise<Extractor | null> {
  try {
    const transformers = (await import(model.packageName)) as Transformers
    const { env } = transformers
    const { folder, hubUrl } = model
    env.allowLocalModels = folder !== null
    env.allowRemoteModels = folder === null
    if (folder !== null) env.localModelPath = dirname(folder)
    if (hubUrl !== null) env.remoteHost = hubUrl.endsWith('/') ? hubUrl : `${hubUrl}/`
    env.cacheDir = model.cacheFolder
    const name = folder === null ? model.name : basename(folder)
    return await transformers.pipeline('feature-extraction', name, { dtype: model.precision })
  } catch (error) {
    send({ type: 'problem', id: null, problem: String(error) })
    return null
  }
}
