import type { ServerResponse } from 'node:http'
import type { JsonObject } from '../../kernel/json.ts'
import {
  emptyUsageChunk,
  errorChunk,
  finishChunk,
  textChunk,
  usageChunk,
} from './completion-wire.ts'
import type { Generation } from './completion-wire.ts'
import type { Fault } from './faults.ts'
import type { ProviderState } from './provider-state.ts'

const keepAlive = ': OPENROUTER PROCESSING\n\n'

/** Server-sent events: signs of life, text, finish, usage, done; or broken as the fault says. */
export async function sendStream(
  state: ProviderState,
  response: ServerResponse,
  generation: Generation,
  fault: Fault | null,
  gone: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const head = state.nextKeepAlive() ? [keepAlive, keepAlive] : [keepAlive]
  const frames = [...head, ...framesOf(state, generation, fault)]
  if (state.latency === 'counted') {
    response.end(frames.join(''))
    return
  }
  const { firstTokenMs, latencyMs } = generation.answer
  response.write(head.join(''))
  await state.clock.sleep(firstTokenMs, gone)
  const rest = frames.slice(head.length)
  const pauseMs = (latencyMs - firstTokenMs) / Math.max(1, rest.length)
  for (const frame of rest) {
    response.write(frame)
    await state.clock.sleep(pauseMs, gone)
  }
  response.end()
}

function framesOf(
  state: ProviderState,
  generation: Generation,
  fault: Fault | null,
): readonly string[] {
  const text = pieces(generation.answer.text).map((piece) => eventOf(textChunk(generation, piece)))
  const someText = text.slice(0, Math.max(1, Math.floor(text.length / 2)))
  switch (fault?.fault) {
    case 'mid-stream-error':
      return [...someText, eventOf(errorChunk(generation))]
    case 'truncated-stream':
      return someText
    case 'bad-json':
      return [...someText, 'data: {"id": "gen-simulated", "choices": [{"delta"\n\n']
    case 'empty':
      return [eventOf(emptyUsageChunk(generation)), 'data: [DONE]\n\n']
    default:
      return [
        ...text,
        eventOf(finishChunk(generation)),
        eventOf(usageChunk(generation, state.nextUsageChunkShape())),
        'data: [DONE]\n\n',
      ]
  }
}

function eventOf(chunk: JsonObject): string {
  return `data: ${JSON.stringify(chunk)}\n\n`
}

/** About three tokens each, never cutting a character. */
function pieces(text: string): readonly string[] {
  return text.match(/[\s\S]{1,12}/gu) ?? []
}
