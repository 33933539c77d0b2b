import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { cosineOf } from '../../kernel/text-embedder.ts'
import { openTransformersEmbedder } from './transformers-embedder.ts'
import type { TransformersModel } from './transformers-embedder.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'village-embedder-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Stands in for the package, which is installed by those who want it: the same interface. */
function standIn(name: string, extractor: string): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(
    path,
    `export const env = {}
     export async function pipeline(task, model, options) { ${extractor} }`,
  )
  return pathToFileURL(path).href
}

const letters = `return async (text) => {
  const data = new Float32Array(26)
  for (const letter of text.toLowerCase()) {
    const at = letter.charCodeAt(0) - 97
    if (at >= 0 && at < 26) data[at] += 1
  }
  const length = Math.hypot(...data)
  return { data: data.map((value) => value / length) }
}`

function modelOf(packageName: string, change: Partial<TransformersModel> = {}): TransformersModel {
  return {
    name: 'acme/letters',
    folder: null,
    hubUrl: null,
    cacheFolder: folder,
    precision: 'fp32',
    packageName,
    ...change,
  }
}

async function open(...model: Parameters<typeof modelOf>) {
  const embedder = await openTransformersEmbedder(modelOf(...model))
  onTestFinished(() => embedder.close())
  return embedder
}

test('embeds in a thread of its own, many texts at once, each its own vector', async () => {
  const embedder = await open(standIn('letters', letters))

  const [first, anagram, other] = await Promise.all(
    ['listen', 'silent', 'bumpy'].map(async (text) => embedder.embed(text)),
  )

  expect([embedder.name, embedder.dimension]).toEqual(['acme/letters', 26])
  expect(cosineOf(first as Float32Array, anagram as Float32Array)).toBeCloseTo(1)
  expect(cosineOf(first as Float32Array, other as Float32Array)).toBe(0)
})

test('the hash is that of what the model does, under the same name too', async () => {
  const same = [await open(standIn('a', letters)), await open(standIn('b', letters))]
  const other = await open(standIn('c', letters.replace('+= 1', '+= at')))

  expect(new Set(same.map(({ hash }) => hash)).size).toBe(1)
  expect(other.hash).not.toBe(same[0]?.hash)
})

test('a model of the hub is asked of the operator’s hub, one of a folder of nobody', async () => {
  const told = `const said = JSON.stringify({ task, model, ...options, ...env })
    return async () => ({ data: Float32Array.from(Buffer.from(said)) })`
  const said = async (change: Partial<TransformersModel>): Promise<unknown> => {
    const vector = await (await open(standIn('told', told), change)).embed('')
    return JSON.parse(Buffer.from(vector).toString())
  }

  expect(await said({ hubUrl: 'http://hub.test' })).toEqual({
    task: 'feature-extraction',
    model: 'acme/letters',
    dtype: 'fp32',
    allowLocalModels: false,
    allowRemoteModels: true,
    remoteHost: 'http://hub.test/',
    cacheDir: folder,
  })
  expect(await said({ folder: '/models/letters' })).toMatchObject({
    model: 'letters',
    localModelPath: '/models',
    allowLocalModels: true,
    allowRemoteModels: false,
  })
})

test('a package that is not installed is named, with what to do', async () => {
  await expect(openTransformersEmbedder(modelOf('@huggingface/not-there'))).rejects.toThrow(
    /needs a package that is not installed .* `npm install --no-save @huggingface\/transformers@/,
  )
})

test('a model that does not load says why', async () => {
  const model = modelOf(standIn('missing', `throw new Error('no such file: onnx/model.onnx')`))

  await expect(openTransformersEmbedder(model)).rejects.toMatchObject({
    name: 'EmbeddingError',
    message: expect.stringContaining('no such file: onnx/model.onnx') as string,
  })
})

test('a text that fails costs its own vector and no other', async () => {
  const picky = letters.replace(
    'const data',
    `if (text === 'bad') throw new Error('too odd')
  const data`,
  )
  const embedder = await open(standIn('picky', picky))

  const outcomes = await Promise.allSettled(
    ['bad', 'good'].map(async (text) => embedder.embed(text)),
  )

  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { message: expect.stringContaining('too odd') as string } },
    { status: 'fulfilled' },
  ])
})

test('a thread that dies fails what waits and what comes later, and nothing else', async () => {
  const mortal = letters.replace(
    'const data',
    `if (text === 'die') process.exit(3)
  const data`,
  )
  const embedder = await open(standIn('mortal', mortal))

  await expect(embedder.embed('die')).rejects.toThrow('acme/letters failed')
  await expect(embedder.embed('later')).rejects.toThrow('acme/letters failed')
})

test('more texts than may wait are refused', async () => {
  const stuck = letters.replace(
    'async (text) => {',
    `async (text) => {
  if (text === 'wait') await new Promise(() => setInterval(() => {}, 1e6))`,
  )
  const embedder = await open(standIn('stuck', stuck))
  const waiting = Array.from({ length: 256 }, () => Promise.resolve(embedder.embed('wait')))
  const ends = Promise.allSettled(waiting)

  await expect(embedder.embed('one more')).rejects.toThrow('256 texts wait already')

  await embedder.close()
  expect((await ends).every(({ status }) => status === 'rejected')).toBe(true)
})
