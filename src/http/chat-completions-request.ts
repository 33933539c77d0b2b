import { z } from 'zod'
import type { ChatMessage, ChatRequest, ContentPart } from '../kernel/chat.ts'
import type { ReadRequest } from './chat-wire.ts'
import { fitsAsIs } from './fits-as-is.ts'
import { chosenModels, fallbackModelNames, modelName } from './model-choice.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import { keepOthers, refuseShape, shallow } from './pass-on.ts'
import { samplingFields, samplingOf, stopTexts, tokenLimit } from './sampling-fields.ts'
import { VillageExtension } from './village-extension.ts'

const Message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z
    .union([z.string(), z.array(z.looseObject({ type: z.string() })), z.null()], {
      error: 'expected a string, a list of content parts (objects with a "type"), or null',
    })
    .optional(),
})

/** The fields that we read; whatever else stands in the body is kept for the provider. */
export const ChatCompletionsBody = z.looseObject({
  model: modelName.nullish(),
  models: fallbackModelNames.nullish(),
  messages: z.array(Message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.int().min(1).max(128).nullish(),
  ...samplingFields,
  max_tokens: tokenLimit,
  max_completion_tokens: tokenLimit,
  stop: stopTexts,
  seed: z.int().nullish(),
  village: VillageExtension.nullish(),
})

const fits = fitsAsIs(ChatCompletionsBody)

/** `n` is checked here and passed on with the others. */
const readFields: ReadonlySet<string> = new Set(
  Object.keys(ChatCompletionsBody.shape).filter((name) => name !== 'n'),
)

export type AskedChatCompletion = {
  readonly requestedModel: string
  readonly includeUsage: boolean
}

/** Reads an OpenAI chat-completions body; throws `RequestProblem` where it does not fit. */
export function readChatCompletionsRequest(body: unknown): ReadRequest<AskedChatCompletion> {
  const fields = fits(body) ? body : parseWithSchema(ChatCompletionsBody, body)
  const extra = keepOthers(fields, readFields)
  const models = chosenModels(fields)
  const request: ChatRequest = {
    messages: fields.messages.map(readMessage),
    sampling: samplingOf({
      ...fields,
      maxTokens: fields.max_completion_tokens ?? fields.max_tokens,
    }),
    ...(extra !== null && { extra }),
  }
  const verifier = fields.village?.verify
  return {
    input: {
      request,
      ...models,
      streamed: fields.stream === true,
      ...(verifier !== undefined && { verifier }),
    },
    asked: {
      requestedModel: models.requestedModel,
      includeUsage: fields.stream_options?.include_usage === true,
    },
  }
}

const messageFields: ReadonlySet<string> = new Set(['role', 'content'])

function readMessage(message: z.infer<typeof Message>, index: number): ChatMessage {
  const content = message.content ?? null
  const path = `messages[${index}]`
  if (content === null && message.role !== 'assistant') {
    refuseShape(`${path}.content`, 'expected a string or a list of content parts')
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
      refuseShape(`${path}[${index}].text`, 'expected a string')
    }
    shallow(part, `${path}[${index}]`)
  }
}
