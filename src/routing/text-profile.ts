export const wordBuckets = 2 ** 18

/** A text as numbers: hashed words and word pairs with their counts, and the structure of the whole. */
export type TextProfile = {
  /** Buckets in [0, 2^18), each once. */
  readonly indices: Uint32Array
  /** 1 + log of how often each occurs. */
  readonly counts: Float32Array
  /** In the order of `structureNames`. */
  readonly structure: Float32Array
}

export const structureNames = [
  'length',
  'words',
  'length of the words',
  'numbers',
  'share of digits',
  'largest number',
  'sentences',
  'lines',
  'percentages',
  'fractions and multiples',
  'rates',
  'conditions and comparisons',
  'money',
  'share of capitals',
  'share of signs',
  'length of the question',
  'length of the options',
  'spread of the options',
  'variety of the words',
  'written fractions',
  'decimals',
  'negations',
  'marks of formulas and code',
  'quotations',
  'options',
] as const

const headCharacters = 6000
const tailCharacters = 2000
const token = /[\p{L}_][\p{L}\p{N}_']*|\d+|[^\s\p{L}\p{N}]/gu

/** Long texts are read at both ends only, so that the cost stays bounded. */
export function profileOf(whole: string): TextProfile {
  const text =
    whole.length <= headCharacters + tailCharacters
      ? whole
      : `${whole.slice(0, headCharacters)}\n${whole.slice(-tailCharacters)}`
  const tokens = text.toLowerCase().match(token) ?? []
  const buckets = new Map<number, number>()
  let previous = '^'
  for (const word of tokens) {
    countIn(buckets, bucketOf(word, 0x811c9dc5))
    countIn(buckets, bucketOf(word, bucketOf(previous, 0x2f0b4c47)))
    previous = word
  }
  return {
    indices: Uint32Array.from(buckets.keys()),
    counts: Float32Array.from(buckets.values(), (count) => 1 + Math.log(count)),
    structure: structureOf(text, tokens),
  }
}

function countIn(buckets: Map<number, number>, bucket: number): void {
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
}

/** FNV-1a from the given start, mixed so that its low 18 bits can be used. */
function bucketOf(word: string, start: number): number {
  let hash = start
  for (let index = 0; index < word.length; index += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193)
  }
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  hash ^= hash >>> 12
  return hash & (wordBuckets - 1)
}

function structureOf(text: string, tokens: readonly string[]): Float32Array {
  const words = tokens.filter((one) => /^[\p{L}_]/u.test(one))
  const numbers = text.match(/\d[\d,]*(?:\.\d+)?/gu) ?? []
  const options = text.match(/^[A-J]\. [^\n]*/gmu) ?? []
  const optionLengths = options.map((option) => option.length)
  const firstOption = options[0] === undefined ? -1 : text.indexOf(options[0])
  const questionLength = firstOption < 0 ? text.length : firstOption
  const characters = Math.max(1, text.length)
  const letters = words.reduce((total, word) => total + word.length, 0)
  const countOf = (pattern: RegExp): number => text.match(pattern)?.length ?? 0
  return Float32Array.from([
    Math.log1p(text.length),
    Math.log1p(words.length),
    letters / Math.max(1, words.length),
    Math.log1p(numbers.length),
    countOf(/\d/gu) / characters,
    Math.log1p(largestOf(numbers)),
    countOf(/[.!?](?:\s|$)/gu),
    countOf(/\n/gu),
    countOf(/%|percent/giu),
    countOf(/\b(?:half|third|quarter|twice|double|triple|times|fifth)\b/giu),
    countOf(/\b(?:each|every|per)\b/giu),
    countOf(/\b(?:if|then|when|after|before|than|more|less|fewer|remaining|left|rest)\b/giu),
    countOf(/[$€£]/gu),
    countOf(/[A-Z]/gu) / characters,
    countOf(/[^\p{L}\p{N}\s]/gu) / characters,
    Math.log1p(questionLength),
    optionLengths.length === 0
      ? 0
      : Math.log1p(optionLengths.reduce((total, one) => total + one, 0) / optionLengths.length),
    optionLengths.length === 0 ? 0 : Math.max(...optionLengths) - Math.min(...optionLengths),
    new Set(words).size / Math.max(1, words.length),
    countOf(/\d\/\d/gu),
    countOf(/\d\.\d/gu),
    countOf(/\b(?:not|except|least|false|incorrect|never)\b/giu),
    countOf(/[=^_\\{}+*<>]/gu),
    countOf(/["']/gu),
    options.length,
  ])
}

function largestOf(numbers: readonly string[]): number {
  let largest = 0
  for (const text of numbers) largest = Math.max(largest, Number(text.replaceAll(',', '')))
  return Number.isFinite(largest) ? largest : 1e300
}
