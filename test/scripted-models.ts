import { noUsage } from '../src/kernel/chat.ts'
import type { ChatRequest, ModelAnswer } from '../src/kernel/chat.ts'
import type { Distillable, LocalModels, ModelAdapter } from '../src/kernel/model-adapter.ts'
import type { ModelDescription, ModelPrice } from '../src/kernel/model-adapter.ts'
import type { NanoUsd, PicoUsdPerToken } from '../src/kernel/money.ts'
import type { TestVillageOptions } from './scripted-village.ts'

/** Answers, or throws what the scripted model should fail with. */
export type Script = (request: ChatRequest) => string

export const free: ModelPrice = { prompt: 0 as PicoUsdPerToken, completion: 0 as PicoUsdPerToken }
export const frontierCost = 1_000 as NanoUsd

export function scriptedModel(
  id: string,
  distillable: Distillable,
  script: Script,
  more: Pick<TestVillageOptions, 'price' | 'cost' | 'pause' | 'localProbability'> = {},
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
  const answerTo = (request: ChatRequest): ModelAnswer => ({
    text: script(request),
    finishReason: 'stop',
    usage: { ...noUsage, promptTokens: 10, completionTokens: 5, cost },
    model: id,
    latencyMs: 1,
    retries: 0,
    checkpoint: null,
    ...(more.localProbability && {
      leastLogProbability: Math.log(more.localProbability(request)),
    }),
  })
  return {
    description,
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
  localProbability: TestVillageOptions['localProbability'],
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
