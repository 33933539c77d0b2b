import type { ChatChunk, ChatReply } from './wire.ts'

type Fields = { readonly [name: string]: unknown }

/**
 * Whether a reply is one that `ChatReply` would give back as it is: nearly every one is, and looking
 * takes a tenth of a parse. False for whatever the schema changes or refuses.
 */
export function isOrdinaryReply(body: unknown): body is ChatReply {
  if (!isObject(body) || !isOrdinaryHead(body) || !Array.isArray(body['choices'])) return false
  return body['choices'].every(
    (choice) => isOrdinaryChoice(choice) && isOrdinaryMessage(choice['message']),
  )
}

/** The same for a chunk of a stream and `ChatChunk`. */
export function isOrdinaryChunk(body: unknown): body is ChatChunk {
  if (!isObject(body) || !isOrdinaryHead(body) || !isNothing(body['error'])) return false
  const { choices } = body
  if (choices === undefined) return true
  return (
    Array.isArray(choices) &&
    choices.every(
      (choice) =>
        isOrdinaryChoice(choice) &&
        (isNothing(choice['delta']) || isOrdinaryMessage(choice['delta'])),
    )
  )
}

function isOrdinaryHead({ id, model, usage }: Fields): boolean {
  return isTextIfAny(id) && isTextIfAny(model) && (isNothing(usage) || isOrdinaryUsage(usage))
}

function isOrdinaryChoice(choice: unknown): choice is Fields {
  if (!isObject(choice)) return false
  const { index, finish_reason: reason, error } = choice
  const isNumbered = index === undefined || isNumber(index)
  return isNumbered && (isNothing(reason) || typeof reason === 'string') && isNothing(error)
}

/** Content in parts is put together by the schema. */
function isOrdinaryMessage(message: unknown): boolean {
  if (!isObject(message)) return false
  const { content } = message
  return isNothing(content) || typeof content === 'string'
}

function isOrdinaryUsage(usage: unknown): boolean {
  if (!isObject(usage)) return false
  const { prompt_tokens: prompt, completion_tokens: completion, cost } = usage
  return (
    isNumber(prompt) &&
    isNumber(completion) &&
    isNumberIfAny(cost) &&
    hasNumberIfAny(usage['prompt_tokens_details'], 'cached_tokens') &&
    hasNumberIfAny(usage['completion_tokens_details'], 'reasoning_tokens')
  )
}

function hasNumberIfAny(details: unknown, name: string): boolean {
  return isNothing(details) || (isObject(details) && isNumberIfAny(details[name]))
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function isTextIfAny(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isNumberIfAny(value: unknown): boolean {
  return isNothing(value) || isNumber(value)
}
