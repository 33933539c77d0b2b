import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { TextEmbedder } from '../../kernel/text-embedder.ts'
import { wordPieces } from './word-pieces.ts'
import type { WordPieces } from './word-pieces.ts'

const headCharacters = 6000
const tailCharacters = 2000

type Table = {
  readonly vocabulary: readonly string[]
  readonly dimension: number
  readonly scales: Float32Array
  /** Row after row. */
  readonly components: Int8Array
}

/** Embeds a text as the mean of its pieces' vectors: a table look-up, in well under a millisecond. */
export class StaticEmbedder implements TextEmbedder {
  readonly name: string
  readonly hash: string
  readonly dimension: number
  readonly #table: Table
  readonly #piecesOf: WordPieces

  constructor(name: string, hash: string, table: Table) {
    this.name = name
    this.hash = hash
    this.dimension = table.dimension
    this.#table = table
    this.#piecesOf = wordPieces(table.vocabulary)
  }

  /** The table that stands beside this file: 192 numbers a text, English, lower-cased. */
  static bundled(): StaticEmbedder {
    return StaticEmbedder.load(fileURLToPath(new URL('minilm-l6-v2', import.meta.url)))
  }

  /** Reads the folder that `python -m village_trainer embeddings` wrote. Throws when it is not whole. */
  static load(folder: string): StaticEmbedder {
    const text = readFileSync(`${folder}/vocabulary.txt`)
    const vectors = readFileSync(`${folder}/vectors.bin`)
    const vocabulary = text.toString().split('\n').slice(0, -1)
    const pieces = vocabulary.length
    const dimension = vectors.length / Math.max(1, pieces) - Float32Array.BYTES_PER_ELEMENT
    if (!Number.isInteger(dimension) || dimension < 1) {
      throw new Error(`${folder}: the vectors do not fit a vocabulary of ${pieces} pieces`)
    }
    const bytes = new Uint8Array(vectors).buffer
    const hash = createHash('sha256').update(text).update(vectors).digest('hex')
    return new StaticEmbedder('static MiniLM-L6-v2', hash, {
      vocabulary,
      dimension,
      scales: new Float32Array(bytes, 0, pieces),
      components: new Int8Array(bytes, pieces * Float32Array.BYTES_PER_ELEMENT),
    })
  }

  /** Long texts are read at both ends only, so that the cost stays bounded. */
  embed(text: string): Float32Array {
    const { dimension, scales, components } = this.#table
    const sum = new Float32Array(dimension)
    for (const piece of this.#piecesOf(bounded(text))) {
      const scale = scales[piece] ?? 0
      const row = piece * dimension
      // An index loop: this runs for every piece of every request.
      for (let at = 0; at < dimension; at += 1) {
        sum[at] = (sum[at] ?? 0) + scale * (components[row + at] ?? 0)
      }
    }
    return unit(sum)
  }
}

function bounded(text: string): string {
  if (text.length <= headCharacters + tailCharacters) return text
  return `${text.slice(0, headCharacters)}\n${text.slice(-tailCharacters)}`
}

function unit(vector: Float32Array): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  return squares === 0 ? vector : vector.map((value) => value / Math.sqrt(squares))
}
