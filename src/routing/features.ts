import { textOfMessage } from '../kernel/chat.ts'
import type { ChatMessage } from '../kernel/chat.ts'

export const hashedFeatureCount = 8192
export const denseFeatureNames = [
  'length',
  'lines',
  'share of digits',
  'share of JSON marks',
  'numbers',
  'questions',
  'turns',
  'system message',
] as const

/** A text as numbers: hashed words and word pairs, and a few properties of the whole. */
export type TaskFeatures = {
  /** Buckets in [0, 8192), each once. */
  readonly indices: Uint16Array
  /** Log counts scaled to length 1, one per bucket. */
  readonly values: Float32Array
  /** How much each bucket says about the template: words at either end of the text count double. */
  readonly emphasis: Float32Array
  /** The word or pair behind each bucket; pairs hold a space. */
  readonly words: readonly string[]
  /** In [0, 1], in the order of `denseFeatureNames`. */
  readonly dense: Float32Array
}

const headCharacters = 6000
const tailCharacters = 2000
const edgeWords = 14
const token = /[\p{L}_][\p{L}\p{N}_]*|\d[\p{L}\p{N}_.,]*|[{}[\]<>=?|#`]/gu

/** Long texts are read at both ends only, so that the cost stays bounded. */
export function featuresOf(messages: readonly ChatMessage[]): TaskFeatures {
  const text = readableText(messages)
  const words = wordsOf(text)
  const slots = new Map<number, { word: string; count: number; edge: boolean }>()
  let previous = '^'
  for (const [position, word] of words.entries()) {
    const edge = position < edgeWords || position >= words.length - edgeWords
    addTo(slots, word, edge)
    addTo(slots, `${previous} ${word}`, edge)
    previous = word
  }

  const indices = new Uint16Array(slots.size)
  const values = new Float32Array(slots.size)
  const emphasis = new Float32Array(slots.size)
  const names: string[] = []
  let squares = 0
  for (const [index, slot] of slots) {
    const at = names.length
    const value = 1 + Math.log(slot.count)
    indices[at] = index
    values[at] = value
    emphasis[at] = slot.edge ? 1 : 0.5
    names.push(slot.word)
    squares += value * value
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0
  for (let at = 0; at < values.length; at += 1) values[at] = (values[at] ?? 0) * scale
  return { indices, values, emphasis, words: names, dense: denseOf(text, words, messages) }
}

/** Lower-cased words; numbers and codes become their shapes, so that values do not hide a template. */
export function wordsOf(text: string): readonly string[] {
  return (text.match(token) ?? []).map(shapeOf)
}

function shapeOf(word: string): string {
  const first = word.charCodeAt(0)
  if (first >= 48 && first <= 57) {
    const digits = word.replace(/[.,]+$/u, '')
    if (/\p{L}/u.test(digits)) return '<code>'
    if (/[.,]/u.test(digits)) return '<decimal>'
    return digits.length <= 2 ? '<num>' : '<longnum>'
  }
  if (/\d\d/u.test(word)) return '<code>'
  return word.toLowerCase()
}

export function readableText(messages: readonly ChatMessage[]): string {
  const instructions = messages
    .filter((message) => message.role === 'system' || message.role === 'developer')
    .map(textOfMessage)
  const question = messages.findLast((message) => message.role === 'user')
  const text = [...instructions, question === undefined ? '' : textOfMessage(question)].join('\n')
  if (text.length <= headCharacters + tailCharacters) return text
  return `${text.slice(0, headCharacters)}\n${text.slice(-tailCharacters)}`
}

function addTo(
  slots: Map<number, { word: string; count: number; edge: boolean }>,
  word: string,
  edge: boolean,
): void {
  const index = bucketOf(word)
  const slot = slots.get(index)
  if (slot === undefined) {
    slots.set(index, { word, count: 1, edge })
    return
  }
  slot.count += 1
  slot.edge ||= edge
}

/** FNV-1a folded to 13 bits. */
function bucketOf(word: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < word.length; index += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193)
  }
  return ((hash >>> 16) ^ hash) & (hashedFeatureCount - 1)
}

function denseOf(
  text: string,
  words: readonly string[],
  messages: readonly ChatMessage[],
): Float32Array {
  let lines = 1
  let digits = 0
  let jsonMarks = 0
  let questions = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 10) lines += 1
    else if (code >= 48 && code <= 57) digits += 1
    else if (code === 63) questions += 1
    else if (code === 34 || code === 58 || code === 91 || code === 93) jsonMarks += 1
    else if (code === 123 || code === 125) jsonMarks += 1
  }
  const characters = Math.max(1, text.length)
  const numbers = words.filter((word) => word.startsWith('<')).length
  return Float32Array.from([
    Math.min(1, Math.log1p(characters) / 9),
    Math.min(1, Math.log1p(lines) / 5),
    digits / characters,
    jsonMarks / characters,
    Math.min(1, Math.log1p(numbers) / 5),
    Math.min(1, questions / 4),
    Math.min(1, messages.length / 10),
    messages.some((message) => message.role === 'system') ? 1 : 0,
  ])
}
