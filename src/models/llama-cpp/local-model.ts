import type {
  ChatEvent,
  ChatMessage,
  ChatRequest,
  ModelAnswer,
  TokenConfidence,
} from '../../kernel/chat.ts'
import { noUsage, textOfMessage } from '../../kernel/chat.ts'
import type { Clock } from '../../kernel/clock.ts'
import { InvalidRequestError, ModelCallError } from '../../kernel/errors.ts'
import type { CallOptions, ModelAdapter, ModelDescription } from '../../kernel/model-adapter.ts'
import type { PicoUsdPerToken } from '../../kernel/money.ts'
import type { Random } from '../../kernel/random.ts'
import { createEventQueue } from '../event-queue.ts'
import { requireMessages } from '../require-messages.ts'
import { askedFields, formatProblem } from './asked-fields.ts'
import { OrderFailed } from './inference-child.ts'
import type { InferenceSupervisor } from './inference-supervisor.ts'
import type { Lane } from './lane.ts'
import type { Generated, LocalSampling, PlainMessage } from './protocol.ts'
import { eventsOfSeveral, joinAnswers } from './several-answers.ts'

export type LocalModelOptions = {
  readonly id: string
  readonly contextLength: () => number
  /** The context that serves this model now; undefined when it was released. */
  readonly context: () => number | undefined
  /** The hash of the weights on a context; null for the bare base. */
  readonly checkpointOf: (context: number) => string | null
  readonly supervisor: InferenceSupervisor
  readonly lane: Lane
  readonly clock: Clock
  readonly random: Random
}

type OnText = (text: string, confidence: TokenConfidence) => void

/** A model of the inference process behind the port that all models share. */
export function createLocalModel(options: LocalModelOptions): ModelAdapter {
  const { id, supervisor, lane, clock } = options

  const generate = async (
    request: ChatRequest,
    sampling: LocalSampling,
    signal: AbortSignal,
    onText?: OnText,
  ): Promise<ModelAnswer> => {
    const startedAtMs = clock.now()
    const messages = request.messages.map((message) => plainMessage(message))
    let attempts = 0
    let checkpoint: string | null = null
    const resumed = onText === undefined ? undefined : createResumableText(onText)
    const generated = await lane
      .run(
        () =>
          supervisor.run(
            async (child) => {
              attempts += 1
              const context = options.context()
              if (context === undefined) throw released(id)
              checkpoint = options.checkpointOf(context)
              resumed?.restart()
              const reply = await child.order(
                { type: 'generate', context, messages, sampling, stream: resumed !== undefined },
                { signal, ...(resumed !== undefined && { onText: resumed.add }) },
              )
              return (reply as Extract<typeof reply, { type: 'generated' }>).generated
            },
            { model: id, signal, attempts: 2 },
          ),
        signal,
      )
      .catch((error: unknown) => {
        throw translated(error, id, (resumed?.shown() ?? '') !== '')
      })
    if (resumed !== undefined && resumed.shown() !== generated.text) {
      throw new ModelCallError('The local model broke off in the middle of the answer.', {
        model: id,
        midStream: true,
      })
    }
    const latencyMs = clock.now() - startedAtMs
    return { ...answerOf(generated, id, latencyMs, attempts - 1), checkpoint }
  }

  return {
    get description() {
      return describeLocalModel(id, options.contextLength())
    },
    formatProblem,
    answer: async (request, { signal }) => {
      const samplings = localSamplings(request, options.random)
      return answerAll(samplings, signal, (each, stopped) => generate(request, each, stopped))
    },
    stream: async function* (request: ChatRequest, { signal }: CallOptions) {
      signal.throwIfAborted()
      const samplings = localSamplings(request, options.random)
      if (samplings.length > 1) {
        const all = answerAll(samplings, signal, (each, stopped) =>
          generate(request, each, stopped),
        )
        yield* eventsOfSeveral(await all)
        return
      }
      const [sampling] = samplings
      const left = new AbortController()
      const queue = createEventQueue<ChatEvent>()
      const stopped = AbortSignal.any([signal, left.signal])
      generate(request, sampling, stopped, (text, confidence) =>
        queue.push({ type: 'text', text, confidence }),
      ).then(
        (answer) => {
          queue.push({ type: 'finish', answer })
          queue.end()
        },
        (error: unknown) => queue.fail(error as Error),
      )
      try {
        for (;;) {
          const batch = await queue.take()
          if (batch === undefined) return
          for (const event of batch) {
            signal.throwIfAborted()
            yield event
          }
        }
      } finally {
        left.abort(new Error('The reader of the stream left'))
      }
    },
  }
}

const supportedParameters: readonly string[] = (
  'max_tokens temperature top_p top_k min_p seed stop n frequency_penalty presence_penalty ' +
  'repetition_penalty response_format structured_outputs'
).split(' ')

function describeLocalModel(id: string, contextLength: number): ModelDescription {
  return {
    id,
    kind: 'local',
    contextLength,
    price: { prompt: 0 as PicoUsdPerToken, completion: 0 as PicoUsdPerToken },
    distillable: 'yes',
    supportedParameters,
    inputModalities: ['text'],
    simulated: false,
  }
}

function plainMessage(message: ChatMessage): PlainMessage {
  const parts = typeof message.content === 'string' ? [] : (message.content ?? [])
  const other = parts.find((part) => part.type !== 'text')
  if (other !== undefined) {
    throw new InvalidRequestError(`The local model reads text only, not "${other.type}".`, {
      param: 'messages',
    })
  }
  return {
    // Chat templates know the older name of the role.
    role: message.role === 'developer' ? 'system' : message.role,
    content: textOfMessage(message),
    ...(message.extra !== undefined && { extra: message.extra }),
  }
}

/**
 * One for each answer asked for, which differ in their seeds. Greedy unless the request says
 * otherwise, so that an answer can be had again.
 */
function localSamplings(
  request: ChatRequest,
  random: Random,
): readonly [LocalSampling, ...LocalSampling[]] {
  requireMessages(request)
  const { temperature, topP, maxTokens, stop, seed } = request.sampling
  const asked = askedFields(request.extra)
  const first: LocalSampling = {
    temperature: temperature ?? 0,
    ...(topP !== undefined && { topP }),
    ...asked.sampling,
    ...(maxTokens !== undefined && { maxTokens }),
    seed: (seed ?? Math.floor(random() * 0x7fffffff)) >>> 0,
    stop: [...(stop ?? [])],
  }
  const others = Array.from({ length: asked.choices - 1 }, (_, index) => ({
    ...first,
    seed: (first.seed + index + 1) >>> 0,
  }))
  return [first, ...others]
}

/** When one fails, the others are broken off. */
async function answerAll(
  samplings: readonly LocalSampling[],
  signal: AbortSignal,
  generate: (sampling: LocalSampling, signal: AbortSignal) => Promise<ModelAnswer>,
): Promise<ModelAnswer> {
  const failed = new AbortController()
  const stopped = AbortSignal.any([signal, failed.signal])
  try {
    return joinAnswers(await Promise.all(samplings.map((each) => generate(each, stopped))))
  } catch (error) {
    failed.abort(error)
    throw error
  }
}

function answerOf(
  generated: Generated,
  id: string,
  latencyMs: number,
  retries: number,
): ModelAnswer {
  const { text, finishReason, promptTokens, completionTokens } = generated
  const { meanLogProbability, leastLogProbability } = generated
  return {
    text,
    finishReason,
    usage: { ...noUsage, promptTokens, completionTokens },
    model: id,
    latencyMs,
    retries,
    ...(meanLogProbability !== null && { meanLogProbability }),
    ...(leastLogProbability !== null && { leastLogProbability }),
  }
}

function translated(error: unknown, model: string, midStream: boolean): unknown {
  if (error instanceof OrderFailed) {
    if (error.kind === 'request') {
      return new InvalidRequestError(error.message, { param: 'messages' })
    }
    return new ModelCallError(error.message, { model, midStream, retryable: false, cause: error })
  }
  if (error instanceof ModelCallError && midStream && !error.midStream) {
    return new ModelCallError(error.message, { model, midStream, cause: error.cause })
  }
  return error
}

function released(id: string): ModelCallError {
  return new ModelCallError(`${id} was released and can answer no more.`, {
    model: id,
    retryable: false,
  })
}

/**
 * Text that may begin again from the start after the process died: what was shown is not shown
 * twice; when the answer takes another turn, nothing more is shown.
 */
function createResumableText(show: OnText) {
  let shown = ''
  let again = ''
  return {
    restart: () => {
      again = ''
    },
    add: (text: string, confidence: TokenConfidence) => {
      again += text
      if (again.length <= shown.length) return
      if (!again.startsWith(shown)) return
      const fresh = again.slice(shown.length)
      shown = again
      show(fresh, confidence)
    },
    shown: () => shown,
  }
}
