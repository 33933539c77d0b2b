import type { LlamaGrammar, LlamaModel } from 'node-llama-cpp'
import {
  ContextOverflow,
  openInferenceContext,
  type InferenceContext,
} from './inference-context.ts'
import { loadInferenceModel, type InferenceModel } from './inference-model.ts'
import { ToProcess, type FailureKind, type FromProcess, type LocalSampling } from './protocol.ts'

/*
 * The process of its own in which native code runs: it holds one model, and dies alone.
 * It is told what to do over IPC (`protocol.ts`) and ends when the gateway ends.
 */

let loaded: InferenceModel | undefined
let threads = 1
const contexts = new Map<number, InferenceContext>()
const underWay = new Map<number, AbortController>()

class BadRequest extends Error {
  override readonly name = 'BadRequest'
}

async function replyTo(message: ToProcess): Promise<FromProcess | undefined> {
  const { call } = message
  switch (message.type) {
    case 'load-model':
      threads = message.threads
      loaded = await loadInferenceModel(message)
      return { type: 'model-loaded', call }
    case 'open-context': {
      const context = await openInferenceContext(model(), { ...message, threads })
      contexts.set(message.context, context)
      return { type: 'context-opened', call, contextSize: context.contextSize }
    }
    case 'close-context': {
      const context = contexts.get(message.context)
      contexts.delete(message.context)
      await context?.close()
      return { type: 'context-closed', call }
    }
    case 'generate':
      return { type: 'generated', call, generated: await generate(message) }
    case 'encode':
      return {
        type: 'encoded',
        call,
        tokens: encode(message.messages, message.addGenerationPrompt),
      }
    case 'count-batches':
      return { type: 'batches-counted', call, counts: contextOf(message).batches() }
    case 'abort':
      underWay.get(call)?.abort()
      return undefined
  }
}

async function generate(message: Extract<ToProcess, { type: 'generate' }>) {
  const context = contextOf(message)
  const controller = new AbortController()
  underWay.set(message.call, controller)
  try {
    return await context.generate({
      prompt: encode(message.messages, true),
      sampling: message.sampling,
      grammar: await grammarOf(message.sampling),
      endTokens: loaded?.endTokens ?? new Set(),
      onText: message.stream
        ? (text, confidence) => send({ type: 'text', call: message.call, text, confidence })
        : undefined,
      signal: controller.signal,
    })
  } finally {
    underWay.delete(message.call)
  }
}

function contextOf(message: { readonly context: number }): InferenceContext {
  const context = contexts.get(message.context)
  if (context === undefined) throw new Error(`There is no context ${message.context}.`)
  return context
}

async function grammarOf({ grammar }: LocalSampling): Promise<LlamaGrammar | undefined> {
  if (grammar === undefined || loaded === undefined) return undefined
  try {
    return await loaded.grammar(grammar)
  } catch (error) {
    throw new BadRequest(
      `The local model cannot keep to this response format: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

function encode(
  messages: Parameters<InferenceModel['encode']>[0],
  addGenerationPrompt: boolean,
): ReturnType<InferenceModel['encode']> {
  if (loaded === undefined) throw new Error('No model is loaded.')
  try {
    return loaded.encode(messages, addGenerationPrompt)
  } catch (error) {
    throw new BadRequest(
      `The chat template of the local model refuses this conversation: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

function model(): LlamaModel {
  if (loaded === undefined) throw new Error('No model is loaded.')
  return loaded.model
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof BadRequest) return 'request'
  return error instanceof ContextOverflow ? 'context-overflow' : 'model'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function send(message: FromProcess): void {
  process.send?.(message)
}

process.on('message', (received) => {
  const message = ToProcess.parse(received)
  replyTo(message).then(
    (reply) => {
      if (reply !== undefined) send(reply)
    },
    (error: unknown) => {
      send({ type: 'failed', call: message.call, kind: kindOf(error), message: messageOf(error) })
    },
  )
})
// Ctrl-C reaches the whole group of processes; the gateway ends this one when it has drained.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))
