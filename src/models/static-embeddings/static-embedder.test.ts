import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cosineOf } from '../../kernel/text-embedder.ts'
import { StaticEmbedder } from './static-embedder.ts'

const folder = mkdtempSync(join(tmpdir(), 'static-embedder-'))
afterAll(() => rmSync(folder, { recursive: true }))
const embedder = StaticEmbedder.bundled()

test('texts that mean the same are nearer to each other than to others', () => {
  const [question, sameQuestion, otherQuestion] = [
    'How do I reset my password?',
    'I forgot my password, how can I change it?',
    'What is the boiling point of water at high altitude?',
  ].map((text) => embedder.embed(text))

  const near = cosineOf(question ?? new Float32Array(), sameQuestion ?? new Float32Array())
  const far = cosineOf(question ?? new Float32Array(), otherQuestion ?? new Float32Array())

  expect(near).toBeGreaterThan(far + 0.3)
})

test('vectors have length 1, and a text without a known word has one of zeros', () => {
  const vector = embedder.embed('A sentence of some words.')

  expect(vector).toHaveLength(embedder.dimension)
  expect(cosineOf(vector, vector)).toBeCloseTo(1, 5)
  expect(Math.max(...embedder.embed('\n\t '))).toBe(0)
})

test('of a long text both ends count and the middle does not', () => {
  const edges = ['word '.repeat(1200), 'end '.repeat(500)] as const

  const one = embedder.embed(edges.join('electricity '.repeat(500)))
  const other = embedder.embed(edges.join('gardening '.repeat(500)))

  expect(one).toEqual(other)
})

test('a table that is not whole is refused', () => {
  writeFileSync(join(folder, 'vocabulary.txt'), 'a\nb\nc\n')
  writeFileSync(join(folder, 'vectors.bin'), new Uint8Array(20))

  expect(() => StaticEmbedder.load(folder)).toThrow(/do not fit a vocabulary of 3 pieces/u)
})

test('the hash names the table', () => {
  expect(StaticEmbedder.bundled().hash).toBe(embedder.hash)
  expect(embedder.hash).toMatch(/^[\da-f]{64}$/u)
})
