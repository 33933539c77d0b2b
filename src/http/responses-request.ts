import { z } from 'zod'
import type { ChatMessage, ChatRequest } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import type { ReadRequest } from './chat-wire.ts'
import { chosenModels, fallbackModelNames, modelName } from './model-choice.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import { keepOthers, refuseUnsupported, shallow } from './pass-on.ts'
import { readResponsesInput } from './responses-input.ts'
import { samplingFields, samplingOf, tokenLimit } from './sampling-fields.ts'
import { VillageExtension } from './village-extension.ts'

const Tool = z.looseObject({ type: z.string() })

/** The fields that we read; whatever else stands in the body is kept for the provider. */
export const ResponsesBody = z.looseObject({
  model: modelName.nullish(),
  models: fallbackModelNames.nullish(),
  input: z.union([z.string(), z.array(z.looseObject({ type: z.string().optional() })).min(1)], {
    error: 'expected a string or a list of items (objects)',
  }),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  ...samplingFields,
  max_output_tokens: tokenLimit,
  top_logprobs: z.int().min(0).max(20).nullish(),
  text: z
    .looseObject({
      format: z.looseObject({ type: z.string() }).nullish(),
      verbosity: z.string().nullish(),
    })
    .nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: z.union([z.string(), Tool]).nullish(),
  include: z.array(z.string()).nullish(),
  village: VillageExtension.nullish(),
})

type Body = z.infer<typeof ResponsesBody>

/** Fields that only say how the provider would keep or send the response. */
const ownFields = ['store', 'background', 'truncation', 'stream_options', 'safety_identifier']

/** What needs responses to be kept, which this village does not do; null and false ask for nothing. */
const keepingFields = ['previous_response_id', 'conversation', 'prompt', 'background']

const readFields: ReadonlySet<string> = new Set([
  ...Object.keys(ResponsesBody.shape),
  ...ownFields,
  ...keepingFields,
])

export type AskedResponse = {
  readonly requestedModel: string
  /** What the response repeats of the request. */
  readonly echo: JsonObject
}

/** Reads a body of OpenAI's Responses; throws `RequestProblem` where it does not fit. */
export function readResponsesRequest(body: unknown): ReadRequest<AskedResponse> {
  const fields = parseWithSchema(ResponsesBody, body)
  for (const name of keepingFields) {
    const value = fields[name]
    if (value === undefined || value === null || value === false) continue
    refuseUnsupported(
      name,
      `This village keeps no responses, so it does not take "${name}": send the whole conversation as "input".`,
    )
  }
  const models = chosenModels(fields)
  const verifier = fields.village?.verify
  const extra = extraOf(fields)
  const request: ChatRequest = {
    messages: [...instructionsMessage(fields), ...readInput(fields.input)],
    sampling: samplingOf({ ...fields, maxTokens: fields.max_output_tokens }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
  return {
    input: {
      request,
      ...models,
      streamed: fields.stream === true,
      ...(verifier !== undefined && { verifier }),
    },
    asked: { requestedModel: models.requestedModel, echo: echoOf(fields) },
  }
}

function instructionsMessage({ instructions }: Body): readonly ChatMessage[] {
  return typeof instructions === 'string' && instructions !== ''
    ? [{ role: 'system', content: instructions }]
    : []
}

function readInput(input: Body['input']): readonly ChatMessage[] {
  return typeof input === 'string'
    ? [{ role: 'user', content: input }]
    : readResponsesInput(input as Parameters<typeof readResponsesInput>[0])
}

function extraOf(fields: Body): JsonObject {
  const { verbosity } = fields.text ?? {}
  return {
    ...keepOthers(fields, readFields),
    ...readTools(fields.tools ?? []),
    ...readToolChoice(fields.tool_choice),
    ...readFormat(fields.text?.format),
    ...(typeof verbosity === 'string' && { verbosity }),
    ...readLogprobs(fields),
  }
}

function readTools(tools: readonly z.infer<typeof Tool>[]): JsonObject {
  const functions: JsonValue[] = []
  const plugins: JsonValue[] = []
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    if (tool.type === 'function') {
      const { type: _type, ...called } = shallow(tool, path) as JsonObject
      functions.push({ type: 'function', function: called })
    } else if (tool.type.startsWith('web_search')) {
      plugins.push({ id: 'web' })
    } else if (tool.type.startsWith('openrouter:')) {
      functions.push(shallow(tool, path))
    } else {
      refuseUnsupported(
        `${path}.type`,
        `Tools of type "${tool.type.slice(0, 64)}" run on OpenAI's own servers; this village takes functions and web_search.`,
      )
    }
  }
  return {
    ...(functions.length > 0 && { tools: functions }),
    ...(plugins.length > 0 && { plugins }),
  }
}

function readToolChoice(choice: Body['tool_choice']): JsonObject {
  if (choice === undefined || choice === null) return {}
  if (typeof choice === 'string') return { tool_choice: choice }
  if (choice.type === 'function') {
    const name = typeof choice['name'] === 'string' ? choice['name'] : ''
    return { tool_choice: { type: 'function', function: { name } } }
  }
  return refuseUnsupported(
    'tool_choice',
    'A choice of tools is "auto", "none", "required" or one function here.',
  )
}

function readFormat(
  format: { readonly type: string; readonly [key: string]: unknown } | null | undefined,
): JsonObject {
  if (format === undefined || format === null || format.type === 'text') return {}
  const { type, ...schema } = shallow(format, 'text.format') as JsonObject
  return type === 'json_schema'
    ? { response_format: { type, json_schema: schema } }
    : { response_format: { type: type ?? null } }
}

function readLogprobs({ include, top_logprobs: top }: Body): JsonObject {
  const asked = include?.includes('message.output_text.logprobs') === true
  if (!asked && typeof top !== 'number') return {}
  return { logprobs: true, ...(typeof top === 'number' && { top_logprobs: top }) }
}

function echoOf(fields: Body): JsonObject {
  const given = fields as unknown as JsonObject
  const or = (name: string, otherwise: JsonValue): JsonValue => given[name] ?? otherwise
  return {
    instructions: or('instructions', null),
    metadata: or('metadata', {}),
    tools: or('tools', []),
    tool_choice: or('tool_choice', 'auto'),
    parallel_tool_calls: or('parallel_tool_calls', true),
    temperature: or('temperature', null),
    top_p: or('top_p', null),
    presence_penalty: or('presence_penalty', null),
    frequency_penalty: or('frequency_penalty', null),
    max_output_tokens: or('max_output_tokens', null),
    max_tool_calls: or('max_tool_calls', null),
    text: or('text', { format: { type: 'text' } }),
    truncation: or('truncation', 'disabled'),
    user: or('user', null),
    previous_response_id: null,
    background: false,
    store: false,
  }
}
