import { z } from 'zod'
import type { ChatMessage, ChatRequest, ContentPart } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import type { ReadRequest } from './chat-wire.ts'
import { readMessagesConversation } from './messages-conversation.ts'
import { chosenModels, fallbackModelNames, modelName } from './model-choice.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import { keepOthers, refuseUnsupported, shallow } from './pass-on.ts'
import { samplingFields, samplingOf, tokenLimit } from './sampling-fields.ts'
import { VillageExtension } from './village-extension.ts'

const Blocks = z.union([z.string(), z.array(z.looseObject({ type: z.string() }))], {
  error: 'expected a string or a list of blocks (objects with a "type")',
})

const Tool = z.looseObject({
  type: z.string().nullish(),
  name: z.string().min(1),
  description: z.string().nullish(),
  input_schema: z.looseObject({}).nullish(),
})

const ToolChoice = z.looseObject({
  type: z.enum(['auto', 'any', 'tool', 'none']),
  name: z.string().optional(),
  disable_parallel_tool_use: z.boolean().nullish(),
})

/** The fields that we read; whatever else stands in the body is kept for the provider. */
export const MessagesBody = z.looseObject({
  model: modelName.nullish(),
  models: fallbackModelNames.nullish(),
  messages: z
    .array(z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content: Blocks }))
    .min(1),
  system: Blocks.nullish(),
  max_tokens: tokenLimit,
  ...samplingFields,
  stop_sequences: z.array(z.string()).max(16).nullish(),
  stream: z.boolean().nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: ToolChoice.nullish(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: z.int().min(1).nullish() }).nullish(),
  output_config: z
    .looseObject({
      effort: z.string().nullish(),
      format: z.looseObject({ type: z.string() }).nullish(),
    })
    .nullish(),
  metadata: z.looseObject({ user_id: z.string().nullish() }).nullish(),
  village: VillageExtension.nullish(),
})

type Body = z.infer<typeof MessagesBody>

/** What has no meaning for other providers: how Anthropic's own servers edit or hold a conversation. */
const ownFields = ['context_management', 'container', 'betas', 'anthropic_version', 'mcp_servers']

const readFields: ReadonlySet<string> = new Set([...Object.keys(MessagesBody.shape), ...ownFields])

export type AskedMessage = { readonly requestedModel: string }

/** Reads a body of Anthropic's Messages; throws `RequestProblem` where it does not fit. */
export function readMessagesRequest(body: unknown): ReadRequest<AskedMessage> {
  const fields = parseWithSchema(MessagesBody, body)
  const models = chosenModels(fields)
  const verifier = fields.village?.verify
  const request: ChatRequest = {
    messages: [
      ...systemMessage(fields.system),
      ...readMessagesConversation(
        fields.messages as Parameters<typeof readMessagesConversation>[0],
      ),
    ],
    sampling: samplingOf({
      ...fields,
      maxTokens: fields.max_tokens,
      stop: fields.stop_sequences,
    }),
    ...extraOf(fields),
  }
  return {
    input: {
      request,
      ...models,
      streamed: fields.stream === true,
      ...(verifier !== undefined && { verifier }),
    },
    asked: { requestedModel: models.requestedModel },
  }
}

function systemMessage(system: Body['system']): readonly ChatMessage[] {
  if (system === undefined || system === null || system.length === 0) return []
  const content =
    typeof system === 'string'
      ? system
      : system.map((block, index) => shallow(block, `system[${index}]`) as ContentPart)
  return [{ role: 'system', content }]
}

function extraOf(fields: Body): { readonly extra?: JsonObject } {
  const extra: Record<string, JsonValue> = {
    ...keepOthers(fields, readFields),
    ...readTools(fields.tools ?? []),
    ...readToolChoice(fields.tool_choice),
    ...readReasoning(fields),
    ...readFormat(fields.output_config?.format),
  }
  const user = fields.metadata?.user_id
  if (typeof user === 'string') extra['user'] = user
  return Object.keys(extra).length === 0 ? {} : { extra }
}

function readTools(tools: readonly z.infer<typeof Tool>[]): JsonObject {
  const functions: JsonValue[] = []
  const plugins: JsonValue[] = []
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    const { type } = tool
    if (type === undefined || type === null || type === 'custom') {
      functions.push(functionTool(tool, path))
    } else if (type.startsWith('web_search')) {
      plugins.push({ id: 'web' })
    } else {
      refuseUnsupported(
        `${path}.type`,
        `Tools of type "${type.slice(0, 64)}" run on Anthropic's own servers; this village takes custom tools and web_search.`,
      )
    }
  }
  return {
    ...(functions.length > 0 && { tools: functions }),
    ...(plugins.length > 0 && { plugins }),
  }
}

const toolFields: ReadonlySet<string> = new Set(['type', 'name', 'description', 'input_schema'])

function functionTool(tool: z.infer<typeof Tool>, path: string): JsonObject {
  const { strict, ...others } = keepOthers(tool, toolFields, `${path}.`) ?? {}
  return {
    ...others,
    type: 'function',
    function: {
      name: tool.name,
      ...(typeof tool.description === 'string' && { description: tool.description }),
      parameters: shallow(tool.input_schema ?? { type: 'object' }, `${path}.input_schema`),
      ...(strict !== undefined && { strict }),
    },
  }
}

function readToolChoice(choice: Body['tool_choice']): JsonObject {
  if (choice === undefined || choice === null) return {}
  const parallel = choice.disable_parallel_tool_use === true && { parallel_tool_calls: false }
  switch (choice.type) {
    case 'any':
      return { tool_choice: 'required', ...parallel }
    case 'tool':
      return {
        tool_choice: { type: 'function', function: { name: choice.name ?? '' } },
        ...parallel,
      }
    case 'auto':
    case 'none':
      return { tool_choice: choice.type, ...parallel }
  }
}

function readReasoning({ thinking, output_config: output }: Body): JsonObject {
  const effort = output?.effort
  const reasoning: JsonObject = {
    ...(thinking?.type === 'disabled' && { enabled: false }),
    ...(thinking?.type === 'adaptive' && { enabled: true }),
    ...(typeof thinking?.budget_tokens === 'number' && { max_tokens: thinking.budget_tokens }),
    ...(typeof effort === 'string' && { effort }),
  }
  return Object.keys(reasoning).length === 0 ? {} : { reasoning }
}

function readFormat(
  format: { readonly type: string; readonly [key: string]: unknown } | null | undefined,
): JsonObject {
  if (format === undefined || format === null) return {}
  if (format.type !== 'json_schema') {
    refuseUnsupported('output_config.format.type', 'The format of an answer can be "json_schema".')
  }
  const schema = shallow(format['schema'] ?? {}, 'output_config.format.schema')
  const jsonSchema = { name: 'answer', strict: true, schema }
  return { response_format: { type: 'json_schema', json_schema: jsonSchema } }
}
