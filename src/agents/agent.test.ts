import { expect, test } from 'vitest'
import type { ChatRequest } from '../kernel/chat.ts'
import type { ModelDescription } from '../kernel/model-adapter.ts'
import type { PicoUsdPerToken } from '../kernel/money.ts'
import { defaultAgentsSettings } from './default-settings.ts'
import { KingAgent } from './king-agent.ts'
import { MagiAgent } from './magi-agent.ts'
import { researchDepth, SageAgent } from './sage-agent.ts'

const king = new KingAgent(defaultAgentsSettings.king)
const sage = new SageAgent(defaultAgentsSettings.sage)
const magi = new MagiAgent(defaultAgentsSettings.magi)
const request: ChatRequest = {
  messages: [{ role: 'user', content: 'Sort this ticket.' }],
  sampling: {},
  extra: { user: 'u1' },
}

test('puts a short system prompt and the defaults into a frontier request', () => {
  const composed = sage.composeFrontierRequest(request)

  expect(composed.messages.map((message) => message.role)).toEqual(['system', 'user'])
  expect(composed.sampling).toEqual({ temperature: 0.8, maxTokens: 2000 })
  expect(composed.extra).toEqual({ user: 'u1' })
})

test('leaves the client its own system message and sampling', () => {
  const own: ChatRequest = {
    messages: [{ role: 'system', content: 'Mine.' }, ...request.messages],
    sampling: { temperature: 0, maxTokens: 7 },
  }

  const composed = magi.composeFrontierRequest(own)

  expect(composed).toEqual(own)
})

test('keeps every system prompt within 30 words', () => {
  const lengths = Object.values(defaultAgentsSettings).map(
    (settings) => settings.systemPrompt.split(/\s+/).length,
  )

  expect(Math.max(...lengths)).toBeLessThanOrEqual(30)
})

test('gives the local model only the client’s messages, cold and at most 512 tokens', () => {
  const composed = king.composeLocalRequest({ ...request, sampling: { maxTokens: 4000 } })

  expect(composed).toEqual({
    messages: request.messages,
    sampling: { temperature: 0, maxTokens: 512 },
    extra: request.extra,
  })
})

test('asks for no temperature of its own from a model that takes none', () => {
  const model: ModelDescription = {
    id: 'vendor/reasons',
    kind: 'frontier',
    contextLength: 4096,
    price: { prompt: 0 as PicoUsdPerToken, completion: 0 as PicoUsdPerToken },
    distillable: 'no',
    supportedParameters: ['max_tokens', 'top_p'],
    defaultParameters: { temperature: 1, top_p: 0.9 },
    inputModalities: ['text'],
    simulated: true,
  }

  const open = magi.composeFrontierRequest(request, model)
  const own = magi.composeFrontierRequest({ ...request, sampling: { temperature: 0.1 } }, model)

  expect(open.sampling).toEqual({ maxTokens: 1500, topP: 0.9 })
  expect(own.sampling).toEqual({ temperature: 0.1, maxTokens: 1500, topP: 0.9 })
})

test('gives King more room and less chance for harder tasks, within bounds', () => {
  const hard = 'Analyze, evaluate, compare and optimize the strategy.\n- a\n- b?\n'.repeat(60)

  const easySampling = king.samplingDefaults('hi')
  const hardSampling = king.samplingDefaults(hard)

  const complexity = king.firstFormulaComplexity(hard)
  expect(hardSampling.maxTokens).toBe(Math.round(Math.min(1000 + 2000 * complexity, 4000)))
  expect(hardSampling.temperature).toBeCloseTo(0.7 - 0.3 * complexity)
  expect(easySampling.maxTokens).toBeLessThan(hardSampling.maxTokens ?? 0)
  expect(king.isComplexTask(hard)).toBe(true)
  expect(king.isComplexTask('hi')).toBe(false)
})

test('finds research beyond depth 2 complex, and keeps depths within 1 to 5', () => {
  expect(sage.isComplexResearch('Who wrote it?', 2)).toBe(false)
  expect(sage.isComplexResearch('Who wrote it?')).toBe(true)
  expect([undefined, 0, 9, 2.4].map(researchDepth)).toEqual([3, 1, 5, 2])
})

test('finds a concurrent distributed algorithm more complex than a greeting', () => {
  const text = 'Design a concurrent, distributed graph algorithm with a recursive join.'

  expect(magi.firstFormulaComplexity(text)).toBeGreaterThan(magi.firstFormulaComplexity('hello'))
  expect(magi.isComplexCode('print hello')).toBe(false)
})
