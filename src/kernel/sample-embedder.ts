import type { TextEmbedder } from './text-embedder.ts'

/** For tests: texts are similar by the words that they share, whatever their order. */
export function createSampleEmbedder(dimension = 256): TextEmbedder {
  return { name: 'words', hash: `words-${dimension}`, dimension, embed }

  function embed(text: string): Float32Array {
    const vector = new Float32Array(dimension)
    for (const word of text.toLowerCase().match(/[\p{L}\d]+/gu) ?? []) {
      const at = hashOf(word) % dimension
      vector[at] = (vector[at] ?? 0) + 1
    }
    const length = Math.hypot(...vector)
    return length === 0 ? vector : vector.map((value) => value / length)
  }
}

/** FNV-1a. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5
  for (const character of word) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  }
  return hash
}
