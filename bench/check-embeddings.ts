import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { cosineOf } from '../src/kernel/text-embedder.ts'
import { writeTinyModel } from '../src/models/transformers-js/tiny-model.ts'
import { openTransformersEmbedder } from '../src/models/transformers-js/transformers-embedder.ts'
import type { TransformersModel } from '../src/models/transformers-js/transformers-embedder.ts'

/**
 * `node bench/check-embeddings.ts --package FOLDER`: the adapter with the real Transformers.js, which
 * is not installed with the village. FOLDER holds `node_modules/@huggingface/transformers`. A tiny
 * model is written, loaded from its folder and from a hub on loopback, and both must embed alike;
 * `--model FOLDER` times a model of your own.
 */
const { values: options } = parseArgs({
  options: { package: { type: 'string' }, model: { type: 'string' } },
})
const packageName =
  options.package === undefined
    ? '@huggingface/transformers'
    : pathToFileURL(
        join(options.package, 'node_modules/@huggingface/transformers/dist/transformers.node.mjs'),
      ).href

const work = mkdtempSync(join(tmpdir(), 'village-embeddings-'))
const folder = join(work, 'tiny')
writeTinyModel(folder, 'how can i reset my password cancel the order'.split(' '))
const asked: string[] = []
const hub = createServer((request, response) => {
  asked.push(request.url ?? '')
  const file = /^\/acme\/tiny\/resolve\/main\/([\w./]+)$/.exec(request.url ?? '')?.[1]
  try {
    response.end(readFileSync(join(folder, file ?? 'missing')))
  } catch {
    response.writeHead(404).end()
  }
})
await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve))
const hubUrl = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`

const base: TransformersModel = {
  name: 'acme/tiny',
  folder: null,
  hubUrl: null,
  cacheFolder: join(work, 'cache'),
  precision: 'fp32',
  packageName,
}

try {
  const fromFolder = await similarities({ ...base, folder })
  const fromHub = await similarities({ ...base, hubUrl })
  const loads = asked.length
  const again = await similarities({ ...base, hubUrl })
  check('similar texts are similar', fromFolder.near > 0.8 && fromFolder.far < 0.1)
  check('the hub gives the same model', JSON.stringify(fromHub) === JSON.stringify(fromFolder))
  check(
    'the hub was asked for the weights',
    asked.some((path) => path.endsWith('model.onnx')),
  )
  check(
    'the weights are loaded once',
    JSON.stringify(again) === JSON.stringify(fromHub) &&
      !asked.slice(loads).some((path) => path.endsWith('model.onnx')),
  )
  if (options.model !== undefined) await time({ ...base, folder: options.model })
} finally {
  hub.close()
  rmSync(work, { recursive: true, force: true })
}

async function similarities(model: TransformersModel) {
  const embedder = await openTransformersEmbedder(model)
  const texts = ['how can i reset my password', 'my password reset how', 'cancel the order']
  const [first, near, far] = await Promise.all(texts.map(async (text) => embedder.embed(text)))
  await embedder.close()
  const cosine = (other: Float32Array | undefined): number =>
    first === undefined || other === undefined ? Number.NaN : cosineOf(first, other)
  return { hash: embedder.hash, near: cosine(near), far: cosine(far) }
}

async function time(model: TransformersModel): Promise<void> {
  const startedMs = performance.now()
  const embedder = await openTransformersEmbedder(model)
  const loadedMs = performance.now() - startedMs
  const texts = 100
  for (let at = 0; at < texts; at += 1) await embedder.embed(`How can I reset password ${at}?`)
  const perTextMs = (performance.now() - startedMs - loadedMs) / texts
  await embedder.close()
  console.log(`loaded in ${loadedMs.toFixed(0)} ms, ${perTextMs.toFixed(2)} ms a text`)
}

function check(what: string, isSo: boolean): void {
  console.log(`${isSo ? 'ok  ' : 'FAIL'} ${what}`)
  if (!isSo) process.exitCode = 1
}
