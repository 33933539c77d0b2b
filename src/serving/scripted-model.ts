import type { ChatEvent, ChatRequest, ModelAnswer } from '../kernel/chat.ts'
import { noUsage } from '../kernel/chat.ts'
import { ModelCallError } from '../kernel/errors.ts'
import type { ModelAdapter, ModelDescription } from '../kernel/model-adapter.ts'
import type { PicoUsdPerToken } from '../kernel/money.ts'

/** For the tests of the balancing: what the next calls of a model do; then it answers its name. */
type Behaviour =
  | { readonly type: 'answer'; readonly after?: Promise<unknown> }
  | { readonly type: 'fail'; readonly error: Error; readonly afterWords?: number }
  /** Says nothing until the call is aborted. */
  | { readonly type: 'hang' }

export type ScriptedModel = ModelAdapter & {
  readonly calls: ChatRequest[]
  next(...behaviours: readonly Behaviour[]): void
  always(behaviour: Behaviour): void
}

export const scriptedDescription: ModelDescription = {
  id: 'acme/coder',
  kind: 'frontier',
  contextLength: 8192,
  price: { prompt: 0 as PicoUsdPerToken, completion: 0 as PicoUsdPerToken },
  distillable: 'no',
  supportedParameters: [],
  inputModalities: ['text'],
  simulated: false,
}

export const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello' }], sampling: {} }

export function failing(
  status: number | undefined,
  details: { readonly midStream?: boolean; readonly retryAfterMs?: number } = {},
): { readonly type: 'fail'; readonly error: ModelCallError } {
  const model = scriptedDescription.id
  return {
    type: 'fail',
    error: new ModelCallError(`status ${status}`, { model, status, ...details }),
  }
}

/** Answers with `<name> speaks`, in two pieces when streamed. */
export function scriptedModel(name: string): ScriptedModel {
  const calls: ChatRequest[] = []
  const script: Behaviour[] = []
  let otherwise: Behaviour = { type: 'answer' }
  const answer: ModelAnswer = {
    text: `${name} speaks`,
    finishReason: 'stop',
    usage: noUsage,
    model: scriptedDescription.id,
    latencyMs: 1,
    retries: 0,
  }
  const begin = (request: ChatRequest): Behaviour => {
    calls.push(request)
    return script.shift() ?? otherwise
  }
  return {
    description: scriptedDescription,
    calls,
    next: (...behaviours) => void script.push(...behaviours),
    always: (behaviour) => {
      otherwise = behaviour
    },
    answer: async (request, { signal }) => {
      const behaviour = begin(request)
      if (behaviour.type === 'fail') throw behaviour.error
      if (behaviour.type === 'hang') return untilAborted(signal)
      await behaviour.after
      return answer
    },
    stream: async function* (request, { signal }): AsyncGenerator<ChatEvent> {
      const behaviour = begin(request)
      if (behaviour.type === 'hang') await untilAborted(signal)
      if (behaviour.type === 'answer') await behaviour.after
      const words = [name, ' speaks']
      const until = behaviour.type === 'fail' ? (behaviour.afterWords ?? 0) : words.length
      for (const text of words.slice(0, until)) yield { type: 'text', text }
      if (behaviour.type === 'fail') throw behaviour.error
      yield { type: 'finish', answer }
    },
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
