import type {
  LlamaContext,
  LlamaContextSequence,
  LlamaGrammar,
  LlamaModel,
  SequenceEvaluateOptions,
  Token,
} from 'node-llama-cpp'
import { LlamaGrammarEvaluationState } from 'node-llama-cpp'
import type { TokenConfidence } from '../../kernel/chat.ts'
import { createInferenceBatches } from './inference-batches.ts'
import type { BatchCounts, Batching, Generated, LocalSampling } from './protocol.ts'
import { createStopFilter } from './stop-sequences.ts'
import { createTokenRounds, type RoundMember, type TokenRounds } from './token-rounds.ts'
import { createTokenText } from './token-text.ts'

export type InferenceContext = {
  readonly contextSize: number
  generate(work: GenerationWork): Promise<Generated>
  batches(): BatchCounts
  /** Waits for the answers under way and frees the memory. */
  close(): Promise<void>
}

type GenerationWork = {
  readonly prompt: Token[]
  readonly sampling: LocalSampling
  readonly grammar: LlamaGrammar | undefined
  readonly endTokens: ReadonlySet<Token>
  readonly onText: ((text: string, confidence: TokenConfidence) => void) | undefined
  readonly signal: AbortSignal
}

export class ContextOverflow extends Error {
  override readonly name = 'ContextOverflow'
}

/** The context shifts its window when these last places fill up; answers end before that. */
const reservedPlaces = 2

/** One set of weights (the base, or the base with an adapter) and its sequences, batched together. */
export async function openInferenceContext(
  model: LlamaModel,
  options: {
    readonly adapterPath: string | null
    readonly contextSize: number | null
    readonly sequences: number
    readonly threads: number
    readonly batching: Batching
  },
): Promise<InferenceContext> {
  const batches = createInferenceBatches(options.batching)
  const rounds = createTokenRounds()
  const context = await model.createContext({
    sequences: options.sequences,
    contextSize: options.contextSize ?? Math.min(model.trainContextSize, 4096),
    threads: options.threads,
    batching: { itemPrioritizationStrategy: (waiting) => batches.choose(waiting) },
    ...(options.adapterPath !== null && {
      lora: { adapters: [{ filePath: options.adapterPath, scale: 1 }] },
    }),
  })
  const free = Array.from({ length: options.sequences }, () => context.getSequence())
  const waiting: ((sequence: LlamaContextSequence) => void)[] = []
  let drained: (() => void) | undefined

  const take = (): Promise<LlamaContextSequence> => {
    const sequence = free.pop()
    if (sequence !== undefined) return Promise.resolve(sequence)
    return new Promise((resolve) => {
      waiting.push(resolve)
    })
  }
  const giveBack = (sequence: LlamaContextSequence): void => {
    const next = waiting.shift()
    if (next !== undefined) next(sequence)
    else free.push(sequence)
    if (free.length === options.sequences) drained?.()
  }

  return {
    contextSize: context.contextSize,
    batches: () => batches.counts(),
    generate: async (work) => {
      const room = context.contextSize - work.prompt.length - reservedPlaces
      if (room < 1) {
        throw new ContextOverflow(
          `The conversation has ${work.prompt.length} tokens; the local model holds ${context.contextSize}, its answer included.`,
        )
      }
      const sequence = await take()
      try {
        return await generateOn(sequence, { context, rounds, work, room })
      } finally {
        giveBack(sequence)
      }
    },
    close: async () => {
      if (free.length < options.sequences) {
        await new Promise<void>((resolve) => {
          drained = resolve
        })
      }
      await context.dispose()
    },
  }
}

async function generateOn(
  sequence: LlamaContextSequence,
  options: {
    readonly context: LlamaContext
    readonly rounds: TokenRounds
    readonly work: GenerationWork
    /** Tokens that the context holds beside the prompt. */
    readonly room: number
  },
): Promise<Generated> {
  const { context, rounds, work, room } = options
  const { sampling, prompt } = work
  const mostTokens = Math.min(sampling.maxTokens ?? room, room)
  const tokenText = createTokenText<Token>((tokens, before) =>
    context.model.detokenize(tokens, false, before),
  )
  const stopFilter = createStopFilter(sampling.stop)
  let text = ''
  const answered: Token[] = []
  let sampled = noTokens
  /** Of the tokens whose text was not shown yet. */
  let unseen = noTokens
  let finishReason: 'stop' | 'length' | undefined
  const show = (piece: string): void => {
    if (piece === '') return
    text += piece
    work.onText?.(piece, unseen)
    unseen = noTokens
  }

  work.signal.throwIfAborted()
  // What an earlier request left is of no use to this one, and must not change its answer.
  await sequence.clearHistory()
  const tokens = sequence.evaluateWithMetadata(
    prompt,
    { confidence: true },
    { ...samplingOptions(work, context.model, answered), yieldEogToken: true },
  )
  for await (const { token, confidence } of inRounds(tokens, rounds)) {
    work.signal.throwIfAborted()
    const logProbability = Math.log(Math.max(confidence, 1e-12))
    sampled = withToken(sampled, logProbability)
    unseen = withToken(unseen, logProbability)
    if (work.endTokens.has(token) || context.model.isEogToken(token)) {
      finishReason = 'stop'
      break
    }
    answered.push(token)
    const { text: piece, stopped } = stopFilter.add(tokenText.add(token))
    show(piece)
    if (stopped) return result('stop')
    if (answered.length >= mostTokens) {
      finishReason = 'length'
      break
    }
  }
  const { text: piece, stopped } = stopFilter.add(tokenText.rest())
  show(piece)
  if (!stopped) show(stopFilter.rest())
  return result(finishReason ?? 'stop')

  function result(reason: 'stop' | 'length'): Generated {
    return {
      text,
      finishReason: reason,
      promptTokens: prompt.length,
      completionTokens: answered.length,
      meanLogProbability: sampled.tokens === 0 ? null : sampled.logProbability / sampled.tokens,
      leastLogProbability: sampled.tokens === 0 ? null : sampled.leastLogProbability,
    }
  }
}

/** The prompt is read outside of the rounds, so that no answer waits for the end of a long one. */
async function* inRounds<Item>(items: AsyncIterable<Item>, rounds: TokenRounds) {
  let member: RoundMember | undefined
  try {
    for await (const item of items) {
      member ??= rounds.join()
      yield item
      await member.ready()
    }
  } finally {
    member?.leave()
  }
}

/** `answered` is read anew for each token. */
function samplingOptions(
  { sampling, grammar, prompt }: GenerationWork,
  model: LlamaModel,
  answered: readonly Token[],
): SequenceEvaluateOptions {
  const { temperature, topP = 1, minP = 0, topK = 0, seed } = sampling
  const { frequencyPenalty = 0, presencePenalty = 0, repetitionPenalty = 1 } = sampling
  const isPenalized = frequencyPenalty !== 0 || presencePenalty !== 0 || repetitionPenalty !== 1
  return {
    temperature,
    ...(temperature > 0 && { topP, minP, topK }),
    seed,
    ...(grammar !== undefined && {
      grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar }),
    }),
    ...(isPenalized && {
      repeatPenalty: {
        // As vLLM has it: repetition looks at the conversation, too, the others at the answer alone.
        punishTokens: () => (repetitionPenalty === 1 ? [...answered] : [...prompt, ...answered]),
        penalty: repetitionPenalty,
        frequencyPenalty,
        presencePenalty,
      },
    }),
  }
}

const noTokens: TokenConfidence = { tokens: 0, logProbability: 0, leastLogProbability: 0 }

function withToken(before: TokenConfidence, logProbability: number): TokenConfidence {
  return {
    tokens: before.tokens + 1,
    logProbability: before.logProbability + logProbability,
    leastLogProbability: Math.min(before.leastLogProbability, logProbability),
  }
}
