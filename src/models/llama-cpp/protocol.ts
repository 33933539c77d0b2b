import { z } from 'zod'

/*
 * What the gateway and the inference process say to each other. Both sides check what they
 * receive: a message of another version, or of a process gone wrong, is an error and not a guess.
 */

const Message = z.object({
  role: z.string(),
  content: z.string(),
  extra: z.record(z.string(), z.unknown()).optional(),
})
export type PlainMessage = z.infer<typeof Message>

const Sampling = z.object({
  temperature: z.number(),
  topP: z.number().optional(),
  topK: z.number().optional(),
  minP: z.number().optional(),
  /** Of the tokens that the answer holds so far. */
  frequencyPenalty: z.number().optional(),
  presencePenalty: z.number().optional(),
  /** Of those and of the tokens of the conversation. */
  repetitionPenalty: z.number().optional(),
  /** GBNF of llama.cpp. */
  grammar: z.string().optional(),
  seed: z.number(),
  maxTokens: z.int().positive().optional(),
  stop: z.array(z.string()),
})
export type LocalSampling = z.infer<typeof Sampling>

const Batching = z.enum(['deterministic', 'throughput'])
export type Batching = z.infer<typeof Batching>

export const ToProcess = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('load-model'),
    call: z.int(),
    modelPath: z.string(),
    /** Holds the chat template, when the model's own file is not to be asked. */
    templateFolder: z.string().nullable(),
    threads: z.int().positive(),
    gpu: z.boolean(),
  }),
  z.object({
    type: z.literal('open-context'),
    call: z.int(),
    context: z.int(),
    adapterPath: z.string().nullable(),
    contextSize: z.int().positive().nullable(),
    sequences: z.int().positive(),
    batching: Batching,
  }),
  z.object({ type: z.literal('close-context'), call: z.int(), context: z.int() }),
  z.object({
    type: z.literal('generate'),
    call: z.int(),
    context: z.int(),
    messages: z.array(Message),
    sampling: Sampling,
    /** Send the text as it arises, too. */
    stream: z.boolean(),
  }),
  z.object({
    type: z.literal('encode'),
    call: z.int(),
    messages: z.array(Message),
    addGenerationPrompt: z.boolean(),
  }),
  z.object({ type: z.literal('count-batches'), call: z.int(), context: z.int() }),
  /** Ends the call of that number; it gets no reply any more. */
  z.object({ type: z.literal('abort'), call: z.int() }),
])
export type ToProcess = z.infer<typeof ToProcess>

const Generated = z.object({
  text: z.string(),
  finishReason: z.enum(['stop', 'length']),
  promptTokens: z.int(),
  completionTokens: z.int(),
  meanLogProbability: z.number().nullable(),
  leastLogProbability: z.number().nullable(),
})
export type Generated = z.infer<typeof Generated>

const Confidence = z.object({
  tokens: z.int(),
  logProbability: z.number(),
  leastLogProbability: z.number(),
})

/** Since the context was opened. */
const BatchCounts = z.object({ batches: z.int(), sequences: z.int(), tokens: z.int() })
export type BatchCounts = z.infer<typeof BatchCounts>

const FailureKind = z.enum(['request', 'context-overflow', 'model'])
export type FailureKind = z.infer<typeof FailureKind>

export const FromProcess = z.discriminatedUnion('type', [
  z.object({ type: z.literal('model-loaded'), call: z.int() }),
  z.object({ type: z.literal('context-opened'), call: z.int(), contextSize: z.int() }),
  z.object({ type: z.literal('context-closed'), call: z.int() }),
  z.object({
    type: z.literal('text'),
    call: z.int(),
    text: z.string(),
    confidence: Confidence,
  }),
  z.object({ type: z.literal('generated'), call: z.int(), generated: Generated }),
  z.object({ type: z.literal('batches-counted'), call: z.int(), counts: BatchCounts }),
  z.object({ type: z.literal('encoded'), call: z.int(), tokens: z.array(z.int()) }),
  z.object({
    type: z.literal('failed'),
    call: z.int(),
    kind: FailureKind,
    message: z.string(),
  }),
])
export type FromProcess = z.infer<typeof FromProcess>
