import type { ModelAnswer } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import type { AnswerEvent } from '../village/village-service.ts'

/** What an answer consists of, whatever the wire; of a stream, one delta of it. */
export type AnswerPiece =
  | { readonly kind: 'reasoning'; readonly text: string; readonly signature: string | null }
  /** Reasoning that only the provider can read. */
  | { readonly kind: 'encrypted'; readonly data: string }
  | { readonly kind: 'text'; readonly text: string; readonly logprobs: JsonValue }
  | { readonly kind: 'refusal'; readonly text: string }
  | {
      readonly kind: 'tool'
      /** Which of the tool calls this piece belongs to. */
      readonly index: number
      readonly id: string | null
      readonly name: string | null
      readonly arguments: string
    }

export function piecesOfEvent(
  event: Exclude<AnswerEvent, { readonly type: 'answered' }>,
): readonly AnswerPiece[] {
  switch (event.type) {
    case 'text':
      return [{ kind: 'text', text: event.text, logprobs: event.logprobs ?? null }]
    case 'delta':
      return piecesOfExtra(event.extra)
    case 'choice':
      return []
  }
}

/** The pieces of a whole answer: reasoning, text, tool calls. */
export function piecesOfAnswer(answer: ModelAnswer): readonly AnswerPiece[] {
  const others = answer.extra === undefined ? [] : piecesOfExtra(answer.extra)
  const logprobs = answer.unread?.choice?.['logprobs'] ?? null
  return [
    ...others.filter(({ kind }) => kind === 'reasoning' || kind === 'encrypted'),
    ...(answer.text === '' ? [] : [{ kind: 'text' as const, text: answer.text, logprobs }]),
    ...others.filter(({ kind }) => kind !== 'reasoning' && kind !== 'encrypted'),
  ]
}

function piecesOfExtra(extra: JsonObject): readonly AnswerPiece[] {
  const pieces: AnswerPiece[] = [...reasoningPieces(extra)]
  const refusal = textIn(extra, 'refusal')
  if (refusal !== null) pieces.push({ kind: 'refusal', text: refusal })
  for (const [place, call] of objectsIn(extra['tool_calls']).entries()) {
    const called = (call['function'] ?? {}) as JsonObject
    pieces.push({
      kind: 'tool',
      index: typeof call['index'] === 'number' ? call['index'] : place,
      id: textIn(call, 'id'),
      name: textIn(called, 'name'),
      arguments: textIn(called, 'arguments') ?? '',
    })
  }
  return pieces
}

/** The details say more than the text beside them, which repeats theirs. */
function reasoningPieces(extra: JsonObject): readonly AnswerPiece[] {
  const pieces: AnswerPiece[] = []
  for (const detail of objectsIn(extra['reasoning_details'])) {
    const data = textIn(detail, 'data')
    const text = textIn(detail, 'text') ?? textIn(detail, 'summary')
    const signature = textIn(detail, 'signature')
    if (data !== null) pieces.push({ kind: 'encrypted', data })
    else if (text !== null || signature !== null) {
      pieces.push({ kind: 'reasoning', text: text ?? '', signature })
    }
  }
  const isTold = pieces.some(({ kind }) => kind === 'reasoning')
  const text = isTold ? null : (textIn(extra, 'reasoning') ?? textIn(extra, 'reasoning_content'))
  return text === null ? pieces : [{ kind: 'reasoning', text, signature: null }, ...pieces]
}

function textIn(value: JsonObject, name: string): string | null {
  const text = value[name]
  return typeof text === 'string' && text !== '' ? text : null
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  if (!Array.isArray(value)) return []
  return (value as readonly JsonValue[]).filter(
    (item): item is JsonObject => typeof item === 'object' && item !== null && !Array.isArray(item),
  )
}
