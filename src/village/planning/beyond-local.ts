import type { ChatMessage, ChatRequest } from '../../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../../kernel/json.ts'
import type { ModelAdapter, ModelDescription } from '../../kernel/model-adapter.ts'
import { responseFormatOf, studentMessages } from '../../kernel/response-format.ts'

/** Something that a request asks for and the local model was not made for. */
export type BeyondLocal = {
  /** Completes the sentence "the local model cannot …". */
  readonly what: string
  /** The field of the request that asks for it. */
  readonly param: string
}

/** More characters to a token than any tokenizer reaches on ordinary text. */
const mostCharactersPerToken = 8
/** Answers to one request that are sampled at once. */
const mostChoices = 8

type Local = Pick<ModelAdapter, 'formatProblem'> & {
  readonly description: Pick<ModelDescription, 'contextLength'>
}

/** The first thing that the local model, which reads and writes text only, cannot do; null for none. */
export function beyondLocal(request: ChatRequest, local: Local): BeyondLocal | null {
  const { contextLength } = local.description
  const field = request.extra === undefined ? null : beyondInFields(request.extra, local)
  if (field !== null) return field
  let characters = 0
  for (const message of studentMessages(request)) {
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
const isNotFalse: Asks = (value) => value !== false
const isNotEmpty: Asks = (value) => !Array.isArray(value) || value.length > 0
const always: Asks = () => true
const isBeyond =
  (least: number, most: number): Asks =>
  (value) =>
    typeof value !== 'number' || value < least || value > most

/** Fields that change the answer in a way that the local model does not know, and when they do. */
const fields: Readonly<Record<string, { readonly what: string; readonly asks: Asks }>> = {
  tools: { what: 'call tools', asks: isNotEmpty },
  functions: { what: 'call functions', asks: isNotEmpty },
  n: { what: 'give so many answers at once', asks: isBeyond(1, mostChoices) },
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
  frequency_penalty: { what: 'apply this frequency penalty', asks: isBeyond(-2, 2) },
  presence_penalty: { what: 'apply this presence penalty', asks: isBeyond(-2, 2) },
  repetition_penalty: { what: 'apply this repetition penalty', asks: isBeyond(0.1, 2) },
  top_k: {
    what: 'sample by this top_k',
    asks: (value) => !Number.isInteger(value) || isBeyond(0, 2 ** 31 - 1)(value),
  },
  top_a: { what: 'sample by top_a', asks: isNotZero },
  min_p: { what: 'sample by this min_p', asks: isBeyond(0, 1) },
}

function beyondInFields(extra: JsonObject, local: Local): BeyondLocal | null {
  for (const name in extra) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    const value = extra[name]
    if (field === undefined || value === undefined || value === null) continue
    if (field.asks(value)) return { what: field.what, param: name }
  }
  return beyondInPenalties(extra) ?? beyondInFormat(extra, local)
}

/** llama.cpp looks at the same tokens for all of them, and they mean different ones. */
function beyondInPenalties(extra: JsonObject): BeyondLocal | null {
  const repetition = extra['repetition_penalty'] ?? 1
  const others = [extra['frequency_penalty'] ?? 0, extra['presence_penalty'] ?? 0]
  if (repetition === 1 || others.every((penalty) => penalty === 0)) return null
  return { what: 'apply a repetition penalty beside others', param: 'repetition_penalty' }
}

function beyondInFormat(extra: JsonObject, { formatProblem }: Local): BeyondLocal | null {
  const asked = extra['response_format']
  const format = responseFormatOf(extra)
  if (format === null && (typeof asked === 'object' || asked === undefined)) return null
  const what =
    format === null || formatProblem === undefined
      ? 'be held to this response format'
      : formatProblem(format)
  return what === null ? null : { what, param: 'response_format' }
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
