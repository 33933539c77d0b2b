import type { ChatMessage, ChatRequest } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'

/** Something that a request asks for and the local model was not made for. */
export type BeyondLocal = {
  /** Completes the sentence "the local model cannot …". */
  readonly what: string
  /** The field of the request that asks for it. */
  readonly param: string
}

/** More characters to a token than any tokenizer reaches on ordinary text. */
const mostCharactersPerToken = 8

/** The first thing that the local model, which reads and writes text only, cannot do; null for none. */
export function beyondLocal(request: ChatRequest, contextLength: number): BeyondLocal | null {
  const field = request.extra === undefined ? null : beyondInFields(request.extra)
  if (field !== null) return field
  let characters = 0
  for (const message of request.messages) {
    const beyond = beyondInMessage(message)
    if (beyond !== null) return beyond
    characters += charactersOf(message)
  }
  if (characters <= contextLength * mostCharactersPerToken) return null
  return {
    what: `hold this conversation: ${characters} characters do not fit into ${contextLength} tokens`,
    param: 'messages',
  }
}

type Asks = (value: JsonValue) => boolean

const isNotZero: Asks = (value) => value !== 0
const isNotOne: Asks = (value) => value !== 1
const isNotFalse: Asks = (value) => value !== false
const isNotEmpty: Asks = (value) => !Array.isArray(value) || value.length > 0
const always: Asks = () => true

/** Fields that change the answer in a way that the local model does not know, and when they do. */
const fields: Readonly<Record<string, { readonly what: string; readonly asks: Asks }>> = {
  tools: { what: 'call tools', asks: isNotEmpty },
  functions: { what: 'call functions', asks: isNotEmpty },
  response_format: {
    what: 'be held to a response format',
    asks: (value) => fieldOf(value, 'type') !== 'text',
  },
  n: { what: 'give several answers at once', asks: isNotOne },
  logprobs: { what: 'report log-probabilities', asks: isNotFalse },
  top_logprobs: { what: 'report log-probabilities', asks: isNotZero },
  modalities: {
    what: 'answer with anything but text',
    asks: (value) => !Array.isArray(value) || value.some((each) => each !== 'text'),
  },
  audio: { what: 'answer with audio', asks: always },
  plugins: { what: 'use plugins', asks: isNotEmpty },
  web_search_options: { what: 'search the web', asks: always },
  reasoning: { what: 'reason before it answers', asks: asksForReasoning },
  reasoning_effort: {
    what: 'reason before it answers',
    asks: (value) => value !== 'none',
  },
  logit_bias: {
    what: 'apply a logit bias',
    asks: (value) => Object.keys((value ?? {}) as object).length > 0,
  },
  frequency_penalty: { what: 'apply a frequency penalty', asks: isNotZero },
  presence_penalty: { what: 'apply a presence penalty', asks: isNotZero },
  repetition_penalty: { what: 'apply a repetition penalty', asks: isNotOne },
  top_k: { what: 'sample by top_k', asks: isNotZero },
  top_a: { what: 'sample by top_a', asks: isNotZero },
  min_p: { what: 'sample by min_p', asks: isNotZero },
}

function beyondInFields(extra: JsonObject): BeyondLocal | null {
  for (const name in extra) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    const value = extra[name]
    if (field === undefined || value === undefined || value === null) continue
    if (field.asks(value)) return { what: field.what, param: name }
  }
  return null
}

function beyondInMessage(message: ChatMessage): BeyondLocal | null {
  const { role, content, extra } = message
  if (role === 'tool') return { what: 'read the results of tools', param: 'messages' }
  if (extra?.['tool_calls'] !== undefined) return { what: 'read tool calls', param: 'messages' }
  if (content === null) return { what: 'read a message without text', param: 'messages' }
  if (typeof content === 'string') return null
  const other = content.find((part) => part.type !== 'text')
  return other === undefined ? null : { what: partName(other.type), param: 'messages' }
}

function partName(type: string): string {
  switch (type) {
    case 'image_url':
      return 'read an image'
    case 'input_audio':
      return 'hear audio'
    case 'video_url':
    case 'input_video':
      return 'watch a video'
    case 'file':
      return 'read a file'
    default:
      return `read a part of type "${type.slice(0, 64)}"`
  }
}

function charactersOf({ content }: ChatMessage): number {
  if (content === null) return 0
  if (typeof content === 'string') return content.length
  let characters = 0
  for (const part of content) {
    if (typeof part['text'] === 'string') characters += part['text'].length
  }
  return characters
}

function asksForReasoning(value: JsonValue): boolean {
  if (fieldOf(value, 'enabled') === false || fieldOf(value, 'effort') === 'none') return false
  return ['enabled', 'effort', 'max_tokens'].some((name) => {
    const field = fieldOf(value, name)
    return field !== undefined && field !== null
  })
}

function fieldOf(value: JsonValue, name: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)[name]
    : undefined
}
