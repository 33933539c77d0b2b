import type { ChatEvent, ModelAnswer } from '../../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../../kernel/json.ts'

/** The deltas of an answer that came whole where a stream was asked for. */
export function eventsOfWholeAnswer(answer: ModelAnswer): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  if (answer.text !== '') {
    const logprobs = answer.unread?.choice?.['logprobs']
    events.push({ type: 'text', text: answer.text, ...(logprobs !== undefined && { logprobs }) })
  }
  if (answer.extra !== undefined) events.push({ type: 'delta', extra: deltaOf(answer.extra) })
  for (const { message, ...choice } of answer.unread?.otherChoices ?? []) {
    const delta = deltaOf((message ?? {}) as JsonObject)
    events.push({ type: 'choice', choice: { ...choice, delta } })
  }
  return events
}

/** In a stream, a tool call says which one it is. */
function deltaOf(message: JsonObject): JsonObject {
  const calls = message['tool_calls']
  if (!Array.isArray(calls)) return message
  return { ...message, tool_calls: (calls as readonly JsonValue[]).map(numberedCall) }
}

function numberedCall(call: JsonValue, index: number): JsonObject {
  return { index, ...(call as JsonObject) }
}
