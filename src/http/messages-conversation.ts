import type { ChatMessage, ContentPart } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import { refuseShape, refuseUnsupported, shallow } from './pass-on.ts'

type Block = { readonly type: string; readonly [key: string]: JsonValue }

type WireMessage = {
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: string | readonly Block[]
}

/** Anthropic's turns as chat messages: results of tools become messages of their own. */
export function readMessagesConversation(messages: readonly WireMessage[]): readonly ChatMessage[] {
  return messages.flatMap((message, index): readonly ChatMessage[] => {
    const { role, content } = message
    if (typeof content === 'string') return [{ role, content }]
    const path = `messages[${index}].content`
    return role === 'assistant'
      ? [assistantMessage(content, path)]
      : userMessages(role, content, path)
  })
}

function userMessages(
  role: 'user' | 'system',
  blocks: readonly Block[],
  path: string,
): readonly ChatMessage[] {
  const results: ChatMessage[] = []
  const parts: ContentPart[] = []
  for (const [index, block] of blocks.entries()) {
    const at = `${path}[${index}]`
    if (block.type === 'tool_result') results.push(toolResult(block, at))
    else parts.push(partOf(block, at))
  }
  return parts.length === 0 && results.length > 0 ? results : [...results, { role, content: parts }]
}

function toolResult(block: Block, path: string): ChatMessage {
  const content = block['content'] ?? ''
  const isError = block['is_error'] === true
  return {
    role: 'tool',
    content:
      typeof content === 'string'
        ? (isError ? 'Error: ' : '') + content
        : [
            ...(isError ? [{ type: 'text', text: 'Error: ' }] : []),
            ...blocksIn(content, `${path}.content`).map((part, index) =>
              partOf(part, `${path}.content[${index}]`),
            ),
          ],
    extra: { tool_call_id: textOf(block, 'tool_use_id', path) },
  }
}

function blocksIn(value: JsonValue, path: string): readonly Block[] {
  const isBlock = (item: JsonValue): boolean =>
    typeof item === 'object' && item !== null && typeof (item as JsonObject)['type'] === 'string'
  if (Array.isArray(value) && value.every(isBlock)) return value as readonly Block[]
  return refuseShape(path, 'expected a string or a list of blocks (objects with a "type")')
}

function assistantMessage(blocks: readonly Block[], path: string): ChatMessage {
  const parts: ContentPart[] = []
  const calls: JsonObject[] = []
  const reasoning: JsonObject[] = []
  for (const [index, block] of blocks.entries()) {
    const at = `${path}[${index}]`
    switch (block.type) {
      case 'tool_use':
        calls.push(toolCall(block, at))
        break
      case 'thinking':
        reasoning.push({
          type: 'reasoning.text',
          text: typeof block['thinking'] === 'string' ? block['thinking'] : '',
          ...(typeof block['signature'] === 'string' && { signature: block['signature'] }),
        })
        break
      case 'redacted_thinking':
        reasoning.push({ type: 'reasoning.encrypted', data: textOf(block, 'data', at) })
        break
      default:
        parts.push(partOf(block, at))
    }
  }
  const extra: JsonObject = {
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(reasoning.length > 0 && { reasoning_details: reasoning }),
  }
  return {
    role: 'assistant',
    content: parts.length === 0 ? null : parts,
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

function toolCall(block: Block, path: string): JsonObject {
  const input = shallow(block['input'] ?? {}, `${path}.input`)
  return {
    id: textOf(block, 'id', path),
    type: 'function',
    function: { name: textOf(block, 'name', path), arguments: JSON.stringify(input) },
  }
}

function partOf(block: Block, path: string): ContentPart {
  const { type, source, ...rest } = block
  switch (type) {
    case 'text':
      textOf(block, 'text', path)
      return { ...(shallow(block, path) as JsonObject), type: 'text' }
    case 'image': {
      const url = urlOfSource(source, `${path}.source`)
      return { ...cacheControl(rest), type: 'image_url', image_url: { url } }
    }
    case 'document':
      return { ...cacheControl(rest), ...documentPart(block, path) }
    default:
      return refuseUnsupported(
        `${path}.type`,
        `This village does not take blocks of type "${type.slice(0, 64)}".`,
      )
  }
}

function documentPart(block: Block, path: string): ContentPart {
  const source = block['source'] as JsonObject | undefined
  if (source?.['type'] === 'text') {
    return { type: 'text', text: textOf(source, 'data', `${path}.source`) }
  }
  const title = block['title']
  const filename = typeof title === 'string' ? title : 'document.pdf'
  const data = urlOfSource(source, `${path}.source`)
  return { type: 'file', file: { filename, file_data: data } }
}

/** A base64 source becomes a data URL; an address stays what it is, and the provider fetches it. */
function urlOfSource(source: JsonValue | undefined, path: string): string {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    return refuseShape(path, 'expected an object with a "type"')
  }
  const fields = source as JsonObject
  switch (fields['type']) {
    case 'base64':
      return `data:${textOf(fields, 'media_type', path)};base64,${textOf(fields, 'data', path)}`
    case 'url':
      return textOf(fields, 'url', path)
    default:
      return refuseUnsupported(
        `${path}.type`,
        'A source is "base64" or "url" here (a document may also be "text"); this village keeps no files.',
      )
  }
}

function cacheControl(block: { readonly [key: string]: JsonValue }): JsonObject {
  const control = block['cache_control']
  return control === undefined || control === null ? {} : { cache_control: control }
}

function textOf(value: JsonObject, name: string, path: string): string {
  const text = value[name]
  return typeof text === 'string' ? text : refuseShape(`${path}.${name}`, 'expected a string')
}
