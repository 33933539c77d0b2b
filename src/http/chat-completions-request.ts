import { z } from 'zod'
import type { ChatMessage, ChatRequest, ContentPart, Sampling } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import type { AnswerInput } from '../village/village-service.ts'
import { invalidRequest } from './api-error.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import { RequestProblem } from './request-problem.ts'

/** Deeper values could not be written back as JSON without running out of stack. */
const maxDepth = 100

const Message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z
    .union([z.string(), z.array(z.looseObject({ type: z.string() })), z.null()], {
      error: 'expected a string, a list of content parts (objects with a "type"), or null',
    })
    .optional(),
})

const SqlCell = z.union([z.string(), z.number(), z.null()])

const Verifier = z.discriminatedUnion('language', [
  z.strictObject({
    type: z.literal('unit-tests'),
    language: z.literal('javascript'),
    tests: z.string().min(1),
  }),
  z.strictObject({
    type: z.literal('unit-tests'),
    language: z.literal('sql'),
    setup: z.string(),
    expectedRows: z.array(z.array(SqlCell)),
  }),
])

/** The fields that we read; whatever else stands in the body is kept for the provider. */
const Body = z.looseObject({
  model: z.string().min(1).max(256),
  messages: z.array(Message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z
    .literal(1, { error: 'the village gives one answer to a request, so it takes only 1' })
    .nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stop: z
    .union([z.string(), z.array(z.string()).max(16)], {
      error: 'expected a string or a list of at most 16 strings',
    })
    .nullish(),
  seed: z.int().nullish(),
  village: z.strictObject({ verify: Verifier.optional() }).nullish(),
})

const readFields: ReadonlySet<string> = new Set(Object.keys(Body.shape))

export type ChatCompletionsRequest = {
  readonly input: AnswerInput
  readonly includeUsage: boolean
}

/** Reads an OpenAI chat-completions body; throws `RequestProblem` where it does not fit. */
export function readChatCompletionsRequest(body: unknown): ChatCompletionsRequest {
  const fields = parseWithSchema(Body, body)
  const extra = keepOthers(fields, readFields, '')
  const request: ChatRequest = {
    messages: fields.messages.map(readMessage),
    sampling: readSampling(fields),
    ...(extra !== null && { extra }),
  }
  const verifier = fields.village?.verify
  return {
    input: {
      request,
      requestedModel: fields.model,
      streamed: fields.stream === true,
      ...(verifier !== undefined && { verifier }),
    },
    includeUsage: fields.stream_options?.include_usage === true,
  }
}

const messageFields: ReadonlySet<string> = new Set(['role', 'content'])

function readMessage(message: z.infer<typeof Message>, index: number): ChatMessage {
  const content = message.content ?? null
  const path = `messages[${index}]`
  if (content === null && message.role !== 'assistant') {
    refuse(`${path}.content`, 'expected a string or a list of content parts')
  }
  if (Array.isArray(content)) readParts(content, `${path}.content`)
  const extra = keepOthers(message, messageFields, `${path}.`)
  return {
    role: message.role,
    content: content as string | readonly ContentPart[] | null,
    ...(extra !== null && { extra }),
  }
}

function readParts(
  parts: readonly { readonly type: string; readonly [key: string]: unknown }[],
  path: string,
): void {
  for (const [index, part] of parts.entries()) {
    if (part.type === 'text' && typeof part['text'] !== 'string') {
      refuse(`${path}[${index}].text`, 'expected a string')
    }
    if (isDeeperThan(part, maxDepth)) refuse(`${path}[${index}]`, 'nested too deeply')
  }
}

function readSampling(fields: z.infer<typeof Body>): Sampling {
  const maxTokens = fields.max_completion_tokens ?? fields.max_tokens
  const { stop } = fields
  return {
    ...(typeof fields.temperature === 'number' && { temperature: fields.temperature }),
    ...(typeof fields.top_p === 'number' && { topP: fields.top_p }),
    ...(typeof maxTokens === 'number' && { maxTokens }),
    ...(stop !== null && stop !== undefined && { stop: typeof stop === 'string' ? [stop] : stop }),
    ...(typeof fields.seed === 'number' && { seed: fields.seed }),
  }
}

/** `Object.fromEntries` also takes a field named `__proto__` as the plain field that it is in JSON. */
function keepOthers(
  fields: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  path: string,
): JsonObject | null {
  let others: [string, JsonValue][] | null = null
  for (const name of Object.keys(fields)) {
    if (known.has(name)) continue
    const value = fields[name] as JsonValue
    if (isDeeperThan(value, maxDepth)) refuse(`${path}${name}`, 'nested too deeply')
    others ??= []
    others.push([name, value])
  }
  return others === null ? null : Object.fromEntries(others)
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth === 0) return true
  return Object.values(value).some((inner) => isDeeperThan(inner, depth - 1))
}

function refuse(param: string, problem: string): never {
  throw new RequestProblem(
    invalidRequest(`"${param}" has the wrong shape: ${problem}.`, { param, code: 'invalid_shape' }),
  )
}
