import type { UnreadAnswer } from '../../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../../kernel/json.ts'

const readOfReply = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'error'])
const readOfChoice = new Set(['index', 'message', 'delta', 'finish_reason', 'error'])

type LooseObject = { readonly [key: string]: unknown }

/** What a reply holds beside what we read; undefined when there is nothing. */
export function unreadOfReply(reply: {
  readonly choices: readonly LooseObject[]
  readonly usage?: LooseObject | null | undefined
  readonly [key: string]: unknown
}): UnreadAnswer | undefined {
  const [first, ...others] = reply.choices
  return unreadAnswer({
    choice: first === undefined ? undefined : unreadOfChoice(first),
    otherChoices: others as readonly JsonObject[],
    reply: othersOf(reply, readOfReply),
    usage: (reply.usage ?? undefined) as JsonObject | undefined,
  })
}

export function unreadOfChoice(choice: LooseObject): JsonObject | undefined {
  return othersOf(choice, readOfChoice)
}

/** Adds the fields of a chunk that belong to the whole reply: most chunks repeat the same ones. */
export function addUnreadOfChunk(chunk: LooseObject, reply: Record<string, JsonValue>): void {
  for (const name in chunk) {
    const value = chunk[name]
    if (readOfReply.has(name) || value === null || value === undefined) continue
    reply[name] = value as JsonValue
  }
}

/** Undefined where nothing is unread, so that an ordinary answer carries no empty object. */
export function unreadAnswer(parts: {
  readonly choice: JsonObject | undefined
  readonly otherChoices: readonly JsonObject[]
  readonly reply: JsonObject | undefined
  readonly usage: JsonObject | undefined
}): UnreadAnswer | undefined {
  const { choice, otherChoices, reply, usage } = parts
  const nothing = [choice, reply, usage].every((part) => part === undefined)
  if (nothing && otherChoices.length === 0) return undefined
  return {
    ...(choice !== undefined && { choice }),
    ...(otherChoices.length > 0 && { otherChoices }),
    ...(reply !== undefined && { reply }),
    ...(usage !== undefined && { usage }),
  }
}

function othersOf(value: LooseObject, known: ReadonlySet<string>): JsonObject | undefined {
  let others: Record<string, JsonValue> | undefined
  for (const name in value) {
    if (known.has(name) || value[name] === null || value[name] === undefined) continue
    others ??= {}
    others[name] = value[name] as JsonValue
  }
  return others
}
