import { noUsage } from '../src/kernel/chat.ts'
import type { ChatRequest, ModelAnswer } from '../src/kernel/chat.ts'
import type {
  Distillable,
  LocalModels,
  ModelAdapter,
  ModelDescription,
  ModelPrice,
} from '../src/kernel/model-adapter.ts'
import type { NanoUsd, PicoUsdPerToken } from '../src/kernel/money.ts'

/** Answers, or throws what the scripted model should fail with; a text that ends in … was cut off. */
export type Script = (request: ChatRequest) => string

export const free: ModelPrice = { prompt: 0 as PicoUsdPerToken, completion: 0 as PicoUsdPerToken }
export const frontierCost = 1_000 as NanoUsd

/** How a scripted model differs from one that is free, quick and tells nothing. */
export type ScriptedTraits = {
  /** The list price; free when left out. */
  readonly price?: ModelPrice
  /** What each call really costs. */
  readonly cost?: NanoUsd
  /** Awaited before an answer and after each word. */
  readonly pause?: (signal: AbortSignal) => Promise<void>
  /** How likely it says that its least sure token was; it says nothing when left out. */
  readonly localProbability?: ((request: ChatRequest) => number) | undefined
}

export function scriptedModel(
  id: string,
  distillable: Distillable,
  script: Script,
  more: ScriptedTraits = {},
): ModelAdapter {
  const description: ModelDescription = {
    id,
    kind: id.startsWith('local/') ? 'local' : 'frontier',
    contextLength: 4096,
    price: more.price ?? free,
    distillable,
    supportedParameters: [],
    inputModalities: ['text'],
    simulated: true,
  }
  const cost = description.kind === 'local' ? (0 as NanoUsd) : (more.cost ?? frontierCost)
  const answerOf = (request: ChatRequest, text: string): ModelAnswer => ({
    text,
    finishReason: text.endsWith('…') ? 'length' : 'stop',
    usage: { ...noUsage, promptTokens: 10, completionTokens: 5, cost },
    model: id,
    latencyMs: 1,
    retries: 0,
    checkpoint: null,
    ...(more.localProbability && {
      leastLogProbability: Math.log(more.localProbability(request)),
    }),
  })
  const answerTo = (request: ChatRequest) => answerOf(request, script(request))
  return {
    description,
    // The local one keeps to every format but those with a pattern.
    formatProblem: (format) =>
      JSON.stringify(format).includes('"pattern"') ? 'keep to "pattern" in a schema' : null,
    answer: async (request, { signal }) => {
      const answer = answerTo(request)
      await more.pause?.(signal)
      return answer
    },
    stream: async function* (request, { signal }) {
      const answer = answerTo(request)
      for (const word of answer.text.split(/(?<= )/)) {
        const { leastLogProbability: least } = answer
        yield {
          type: 'text' as const,
          text: word,
          ...(least !== undefined && {
            confidence: { tokens: 1, logProbability: least, leastLogProbability: least },
          }),
        }
        await more.pause?.(signal)
      }
      yield { type: 'finish' as const, answer }
    },
  }
}

export function scriptedLocalModels(
  script: Script,
  localProbability: ScriptedTraits['localProbability'],
): LocalModels {
  const adapters = new Map<string, ModelAdapter>()
  const forAgent = (agent: string): ModelAdapter => {
    const known =
      adapters.get(agent) ?? scriptedModel(`local/${agent}`, 'yes', script, { localProbability })
    adapters.set(agent, known)
    return known
  }
  return {
    baseHash: 'base',
    forAgent,
    load: () => Promise.reject(new Error('a scripted model loads no weights')),
    serve: () => Promise.resolve(),
    workload: () => ({ running: 0, waiting: 0, sequences: 4 }),
    close: () => Promise.resolve(),
  }
}
