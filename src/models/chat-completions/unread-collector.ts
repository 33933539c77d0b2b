import type { UnreadAnswer } from '../../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../../kernel/json.ts'
import { mergeExtra } from './message-extra.ts'
import { addUnreadOfChunk, unreadAnswer, unreadOfChoice } from './unread-answer.ts'
import type { ChatChunk, ChunkChoice, WireUsage } from './wire.ts'

/** Puts together, from the chunks of a stream, what a whole reply would have held beside its text. */
export type UnreadCollector = {
  addChunk(chunk: ChatChunk): void
  /** Returns the log-probabilities of this piece, which go out with its text. */
  addFirstChoice(choice: ChunkChoice): JsonValue | undefined
  /** Returns the piece as it goes to the client. */
  addOtherChoice(choice: ChunkChoice): JsonObject
  whole(usage: WireUsage | undefined): UnreadAnswer | undefined
}

export function createUnreadCollector(): UnreadCollector {
  const reply: Choice = {}
  let first: Choice | undefined
  const others = new Map<number, Choice>()

  return {
    addChunk: (chunk) => addUnreadOfChunk(chunk, reply),
    addFirstChoice: (choice) => {
      const unread = unreadOfChoice(choice)
      if (unread === undefined) return undefined
      first = mergeChoice(first, unread)
      return unread['logprobs']
    },
    addOtherChoice: (piece) => {
      const choice = piece as JsonObject
      const index = piece.index ?? 0
      const { delta, finish_reason: reason, ...rest } = choice
      const before = others.get(index)
      const message = mergeExtra(
        (before?.['message'] ?? { role: 'assistant', content: '' }) as JsonObject,
        (delta ?? {}) as JsonObject,
      )
      others.set(index, {
        ...mergeChoice(before, rest),
        index,
        message,
        finish_reason: reason ?? before?.['finish_reason'] ?? null,
      })
      return choice
    },
    whole: (usage) =>
      unreadAnswer({
        choice: first,
        otherChoices: [...others.values()],
        reply: Object.keys(reply).length > 0 ? reply : undefined,
        usage: usage as JsonObject | undefined,
      }),
  }
}

type Choice = { [name: string]: JsonValue }

/** Log-probabilities grow by their lists; other fields say the same again, or something newer. */
function mergeChoice(before: Choice | undefined, piece: JsonObject): Choice {
  const { logprobs, ...rest } = piece
  const merged: Choice = before === undefined ? { ...rest } : Object.assign(before, rest)
  if (!isObject(logprobs)) return merged
  const known = merged['logprobs']
  merged['logprobs'] = isObject(known) ? appendLists(known, logprobs) : copyLists(logprobs)
  return merged
}

/** The lists are ours, made by `copyLists`: they grow in place, so that a long answer costs no copies. */
function appendLists(known: JsonObject, piece: JsonObject): JsonObject {
  const fresh: Choice = {}
  for (const [name, items] of Object.entries(piece)) {
    const list = known[name]
    if (Array.isArray(list) && Array.isArray(items)) (list as JsonValue[]).push(...items)
    else if (items !== null) fresh[name] = Array.isArray(items) ? [...items] : items
  }
  return Object.assign(known, fresh)
}

function copyLists(piece: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(piece).map(([name, items]) => [name, Array.isArray(items) ? [...items] : items]),
  )
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
