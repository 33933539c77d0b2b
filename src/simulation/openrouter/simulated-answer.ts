import { costOfTokens, parsePricePerToken } from '../../kernel/money.ts'
import type { NanoUsd, PicoUsdPerToken } from '../../kernel/money.ts'
import { deriveSeed, seededRandom } from '../../kernel/random.ts'
import type { Random } from '../../kernel/random.ts'
import { demoFamilies } from '../families/demo-families.ts'
import type { Family } from '../families/family.ts'
import { findSimulatedModel } from './simulated-models.ts'
import type { SimulatedModel } from './simulated-models.ts'

export type AnswerRequest = {
  readonly model: string
  /** The last user message: it alone decides the answer. */
  readonly prompt: string
  readonly seed: number
  readonly families?: readonly Family[]
  /** Bytes of all messages; the prompt's own when left out. */
  readonly promptBytes?: number
  readonly maxTokens?: number | undefined
}

export type SimulatedAnswer = {
  readonly text: string
  /** False for a wrong answer and for a prompt of no known family. */
  readonly right: boolean
  readonly family: string | null
  readonly finishReason: 'stop' | 'length'
  readonly promptTokens: number
  /** With the reasoning tokens, as providers count them. */
  readonly completionTokens: number
  readonly reasoningTokens: number
  readonly costNanoUsd: NanoUsd
  readonly firstTokenMs: number
  /** From the request to the last token. */
  readonly latencyMs: number
}

/**
 * What a simulated model answers: a pure function of seed, model and prompt, so that the same
 * seed gives the same answers in any order. Throws `RangeError` for a model that is not listed.
 */
export function answerFor(request: AnswerRequest): SimulatedAnswer {
  const model = findSimulatedModel(request.model)
  if (model === undefined) throw new RangeError(`No simulated model named ${request.model}`)
  const random = seededRandom(deriveSeed(request.seed, `${model.id}\n${request.prompt}`))
  const solution = solve(request.prompt, request.families ?? demoFamilies)
  const wrong = random() < model.errorRate
  const fullText = textOf(solution, wrong, model, random)
  const promptTokens = tokensOfBytes(request.promptBytes ?? Buffer.byteLength(request.prompt))
  const reasoningTokens = model.reasons ? reasoningTokensFor(promptTokens, random) : 0
  const limit = Math.max(0, (request.maxTokens ?? model.maxCompletionTokens) - reasoningTokens)
  const text = cutToTokens(fullText, limit)
  const completionTokens = reasoningTokens + tokensOfBytes(Buffer.byteLength(text))
  const firstTokenMs = logNormal(model.firstTokenMs, random) + reasoningTokens * model.perTokenMs
  const rest = (completionTokens - reasoningTokens) * logNormal(model.perTokenMs, random)
  return {
    text,
    right: solution !== null && !wrong && text === fullText,
    family: solution?.family.name ?? null,
    finishReason: text === fullText ? 'stop' : 'length',
    promptTokens,
    completionTokens,
    reasoningTokens,
    costNanoUsd: costOf(model, promptTokens, completionTokens),
    firstTokenMs: Math.round(firstTokenMs),
    latencyMs: Math.round(firstTokenMs + rest),
  }
}

type Solution = { readonly family: Family; readonly answer: string }

function solve(prompt: string, families: readonly Family[]): Solution | null {
  for (const family of families) {
    const answer = family.solve(prompt)
    if (answer !== null) return { family, answer }
  }
  return null
}

function textOf(
  solution: Solution | null,
  wrong: boolean,
  model: SimulatedModel,
  random: Random,
): string {
  if (solution === null) {
    return `This is a simulated ${model.id}: it only knows the demo's tasks and cannot answer this one.`
  }
  return wrong ? solution.family.spoil(solution.answer, random) : solution.answer
}

export function costOf(
  model: SimulatedModel,
  promptTokens: number,
  completionTokens: number,
): NanoUsd {
  return costOfTokens(
    { prompt: promptTokens, completion: completionTokens },
    { prompt: priceOf(model.promptPrice), completion: priceOf(model.completionPrice) },
  )
}

function priceOf(text: string): PicoUsdPerToken {
  const price = parsePricePerToken(text)
  if (price === undefined) throw new RangeError(`Not a price: ${text}`)
  return price
}

function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / 4)
}

/** Providers report hidden reasoning in blocks of 64 tokens, more of it for longer tasks. */
function reasoningTokensFor(promptTokens: number, random: Random): number {
  return 64 * (3 + Math.floor(promptTokens / 32) + Math.floor(random() * 3))
}

function cutToTokens(text: string, limit: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= limit * 4) return text
  return bytes
    .subarray(0, limit * 4)
    .toString()
    .replace(/\uFFFD+$/, '')
}

/** Latencies scatter log-normally around their median (Box–Muller). */
function logNormal(median: number, random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp(0.3 * normal)
}
