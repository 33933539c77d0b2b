import type { ModelAnswer } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import type { AnswerPiece } from './answer-pieces.ts'

type Status = 'in_progress' | 'completed'

/** One item of a response's output, growing while it is streamed. */
export type OutputItem = {
  readonly key: string
  readonly place: number
  readonly id: string
  readonly kind: AnswerPiece['kind']
  readonly callId: string
  text: string
  /** Function calls only; the name comes with the first piece. */
  readonly name: string
  /** Reasoning that only the provider can read. */
  encrypted: string | null
  readonly logprobs: JsonValue[]
}

/** Pieces with one key grow into one item. */
export function keyOfPiece(piece: AnswerPiece): string {
  switch (piece.kind) {
    case 'tool':
      return `tool ${piece.index}`
    case 'encrypted':
    case 'reasoning':
      return 'reasoning'
    case 'text':
    case 'refusal':
      return piece.kind
  }
}

export function beginItem(piece: AnswerPiece, place: number, responseId: string): OutputItem {
  const suffix = `${responseId.slice(responseId.indexOf('_') + 1)}_${place}`
  const kind = piece.kind === 'encrypted' ? 'reasoning' : piece.kind
  return {
    key: keyOfPiece(piece),
    place,
    id: `${prefixes[kind]}_${suffix}`,
    kind,
    callId: piece.kind === 'tool' ? (piece.id ?? `call_${suffix}`) : '',
    name: piece.kind === 'tool' ? (piece.name ?? '') : '',
    text: '',
    encrypted: null,
    logprobs: [],
  }
}

const prefixes = { reasoning: 'rs', text: 'msg', refusal: 'msg', tool: 'fc' } as const

export function addPiece(item: OutputItem, piece: AnswerPiece): void {
  switch (piece.kind) {
    case 'encrypted':
      item.encrypted = piece.data
      return
    case 'tool':
      item.text += piece.arguments
      return
    case 'text':
      item.text += piece.text
      item.logprobs.push(...logprobsOf(piece.logprobs))
      return
    case 'reasoning':
    case 'refusal':
      item.text += piece.text
  }
}

/** The tokens of chat's log-probabilities: Responses list the same objects. */
export function logprobsOf(logprobs: JsonValue): readonly JsonValue[] {
  if (typeof logprobs !== 'object' || logprobs === null) return []
  const tokens = (logprobs as JsonObject)['content']
  return Array.isArray(tokens) ? (tokens as readonly JsonValue[]) : []
}

/** The item as the wire has it; one in progress is shown empty. */
export function wireItem(
  item: OutputItem,
  status: Status,
  annotations: readonly JsonObject[] = [],
): JsonObject {
  const { id } = item
  const isWhole = status === 'completed'
  switch (item.kind) {
    case 'tool': {
      const called = { name: item.name, arguments: isWhole ? item.text : '' }
      return { type: 'function_call', id, call_id: item.callId, ...called, status }
    }
    case 'encrypted':
    case 'reasoning': {
      const summary = isWhole && item.text !== '' ? [summaryPart(item.text)] : []
      const hidden = item.encrypted === null ? {} : { encrypted_content: item.encrypted }
      return { type: 'reasoning', id, summary, ...hidden, status }
    }
    case 'text':
    case 'refusal': {
      const content = isWhole ? [contentPart(item, annotations)] : []
      return { type: 'message', id, role: 'assistant', status, content }
    }
  }
}

export function summaryPart(text: string): JsonObject {
  return { type: 'summary_text', text }
}

export function contentPart(
  item: OutputItem,
  annotations: readonly JsonObject[] = [],
  text: string = item.text,
): JsonObject {
  if (item.kind === 'refusal') return { type: 'refusal', refusal: text }
  return { type: 'output_text', text, annotations, logprobs: text === '' ? [] : item.logprobs }
}

/** Sources that a provider names beside the text, in the shape of Responses. */
export function annotationsOf(answer: ModelAnswer): readonly JsonObject[] {
  const annotations = answer.extra?.['annotations']
  if (!Array.isArray(annotations)) return []
  return (annotations as readonly JsonObject[]).map(annotationOf)
}

function annotationOf(annotation: JsonObject): JsonObject {
  const { type = null, ...rest } = annotation
  const inner = typeof type === 'string' ? rest[type] : undefined
  return typeof inner === 'object' && inner !== null
    ? { type, ...(inner as JsonObject) }
    : annotation
}

/** Pictures that the model made, which have items of their own. */
export function imageItems(answer: ModelAnswer, responseId: string): readonly JsonObject[] {
  const images = answer.extra?.['images']
  if (!Array.isArray(images)) return []
  return (images as readonly JsonObject[]).map((image, index) => {
    const url = (image['image_url'] as JsonObject | undefined)?.['url']
    const result = typeof url === 'string' ? url.replace(/^data:[^,]*;base64,/, '') : null
    const id = `ig_${responseId.slice(responseId.indexOf('_') + 1)}_${index}`
    return { type: 'image_generation_call', id, status: 'completed', result }
  })
}
