import type { ChatMessage, ChatRequest } from './chat.ts'
import { textOfMessage } from './chat.ts'
import { isJsonObject } from './json.ts'
import type { JsonObject, JsonValue } from './json.ts'

/**
 * What an answer must be, in the shape of the wire (`{type: 'json_object'}` or
 * `{type: 'json_schema', json_schema: {schema, …}}`); null where it may be any text.
 */
export function responseFormatOf(fields: JsonObject | undefined): JsonObject | null {
  const format = fields?.['response_format']
  if (!isJsonObject(format) || format['type'] === 'text') return null
  return format
}

/** The schema that the format names; undefined where it names none. */
export function schemaOfFormat(format: JsonObject): JsonValue | undefined {
  const named = format['json_schema']
  return isJsonObject(named) ? named['schema'] : undefined
}

/**
 * The conversation as the local model sees it, when it answers, is examined and is trained: the
 * format stands in the system message, because equal questions have other answers without it.
 */
export function studentMessages({
  messages,
  extra,
}: Pick<ChatRequest, 'messages' | 'extra'>): readonly ChatMessage[] {
  const format = responseFormatOf(extra)
  if (format === null) return messages
  const instruction = instructionOf(format)
  const [first, ...rest] = messages
  if (first === undefined || (first.role !== 'system' && first.role !== 'developer')) {
    return [{ role: 'system', content: instruction }, ...messages]
  }
  const own = textOfMessage(first)
  if (own.endsWith(instruction)) return messages
  return [{ ...first, content: `${own}\n\n${instruction}` }, ...rest]
}

function instructionOf(format: JsonObject): string {
  const schema = schemaOfFormat(format)
  return schema === undefined
    ? 'Answer with a JSON object.'
    : `Answer with JSON of this schema: ${JSON.stringify(schema)}`
}
