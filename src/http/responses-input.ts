import type { ChatMessage, ContentPart } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import { refuseShape, refuseUnsupported, shallow } from './pass-on.ts'

type Item = { readonly type?: string; readonly [key: string]: JsonValue | undefined }

const roles = ['system', 'developer', 'user', 'assistant'] as const
type Role = (typeof roles)[number]

/** An assistant's turn under way: in Responses its text, calls and reasoning are items of their own. */
type Turn = {
  readonly content: ContentPart[]
  readonly calls: JsonObject[]
  readonly reasoning: JsonObject[]
}

/** The items of a conversation as chat messages. */
export function readResponsesInput(items: readonly Item[]): readonly ChatMessage[] {
  const messages: ChatMessage[] = []
  let turn: Turn | null = null
  const endTurn = (): void => {
    if (turn !== null) messages.push(messageOfTurn(turn))
    turn = null
  }
  const inTurn = (): Turn => {
    turn ??= { content: [], calls: [], reasoning: [] }
    return turn
  }
  for (const [index, item] of items.entries()) {
    const path = `input[${index}]`
    switch (item.type) {
      case undefined:
      case 'message': {
        const role = roleOf(item, path)
        const parts = partsOf(item['content'], `${path}.content`)
        if (role === 'assistant') {
          if (inTurn().calls.length > 0) endTurn()
          inTurn().content.push(...asParts(parts))
        } else {
          endTurn()
          messages.push({ role, content: parts })
        }
        break
      }
      case 'function_call':
        inTurn().calls.push(functionCall(item, path))
        break
      case 'function_call_output':
        endTurn()
        messages.push({
          role: 'tool',
          content: partsOf(item['output'], `${path}.output`),
          extra: { tool_call_id: textOf(item, 'call_id', path) },
        })
        break
      case 'reasoning':
        if (inTurn().content.length > 0 || inTurn().calls.length > 0) endTurn()
        inTurn().reasoning.push(...reasoningDetails(item, path))
        break
      default:
        refuseUnsupported(
          `${path}.type`,
          `This village does not take items of type "${item.type.slice(0, 64)}".`,
        )
    }
  }
  endTurn()
  return messages
}

function messageOfTurn({ content, calls, reasoning }: Turn): ChatMessage {
  const [only] = content
  const text = content.length === 1 && only?.type === 'text' ? only['text'] : undefined
  const extra: JsonObject = {
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(reasoning.length > 0 && { reasoning_details: reasoning }),
  }
  return {
    role: 'assistant',
    content: typeof text === 'string' ? text : content.length === 0 ? null : content,
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

function asParts(content: string | readonly ContentPart[]): readonly ContentPart[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

function roleOf(item: Item, path: string): Role {
  const role = roles.find((known) => known === item['role'])
  return role ?? refuseShape(`${path}.role`, `expected one of ${roles.join(', ')}`)
}

function functionCall(item: Item, path: string): JsonObject {
  return {
    id: textOf(item, 'call_id', path),
    type: 'function',
    function: { name: textOf(item, 'name', path), arguments: textOf(item, 'arguments', path) },
  }
}

function reasoningDetails(item: Item, path: string): readonly JsonObject[] {
  const details: JsonObject[] = []
  const summary = item['summary']
  for (const part of Array.isArray(summary) ? (summary as readonly JsonValue[]) : []) {
    const text = (part as JsonObject | null)?.['text']
    if (typeof text === 'string') details.push({ type: 'reasoning.summary', summary: text })
  }
  const encrypted = item['encrypted_content']
  if (typeof encrypted === 'string') {
    details.push({
      type: 'reasoning.encrypted',
      data: encrypted,
      ...(typeof item['id'] === 'string' && { id: item['id'] }),
    })
  }
  return shallow(details, path) as readonly JsonObject[]
}

function partsOf(content: JsonValue | undefined, path: string): string | readonly ContentPart[] {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) {
    return refuseShape(path, 'expected a string or a list of content parts')
  }
  return (content as readonly JsonValue[]).map((part, index) => {
    const at = `${path}[${index}]`
    if (typeof part !== 'object' || part === null || Array.isArray(part)) {
      return refuseShape(at, 'expected an object with a "type"')
    }
    return partOf(part as JsonObject, at)
  })
}

function partOf(part: JsonObject, path: string): ContentPart {
  const { type } = part
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: textOf(part, 'text', path) }
    case 'refusal':
      return { type: 'text', text: textOf(part, 'refusal', path) }
    case 'input_image': {
      if (typeof part['file_id'] === 'string') refuseFileId(path)
      const { detail } = part
      return {
        type: 'image_url',
        image_url: {
          url: textOf(part, 'image_url', path),
          ...(typeof detail === 'string' && { detail }),
        },
      }
    }
    case 'input_file': {
      if (typeof part['file_id'] === 'string') refuseFileId(path)
      const data = typeof part['file_url'] === 'string' ? 'file_url' : 'file_data'
      const filename = typeof part['filename'] === 'string' ? part['filename'] : 'file'
      return { type: 'file', file: { filename, file_data: textOf(part, data, path) } }
    }
    case 'input_audio':
    case 'input_video':
      return shallow(part, path) as ContentPart
    default:
      return refuseUnsupported(
        `${path}.type`,
        `This village does not take parts of type ${JSON.stringify(type ?? null).slice(0, 64)}.`,
      )
  }
}

function refuseFileId(path: string): never {
  refuseUnsupported(`${path}.file_id`, 'Send the file itself: files by id are not taken here.')
}

function textOf(
  value: { readonly [key: string]: JsonValue | undefined },
  name: string,
  path: string,
): string {
  const text = value[name]
  return typeof text === 'string' ? text : refuseShape(`${path}.${name}`, 'expected a string')
}
