import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorBody } from './provider-error.ts'
import type { ProviderError } from './provider-error.ts'
import { ChatBody, promptBytesOf, promptOf, requestedModels } from './chat-request.ts'
import { completionBody, emptyCompletionBody } from './completion-wire.ts'
import type { Generation } from './completion-wire.ts'
import { errorOfFault } from './faults.ts'
import type { Fault } from './faults.ts'
import { readBody, sendError, sendJson } from './http-io.ts'
import type { ProviderState } from './provider-state.ts'
import { answerFor, costOf } from './simulated-answer.ts'
import { findSimulatedModel } from './simulated-models.ts'
import type { SimulatedModel } from './simulated-models.ts'
import { sendStream } from './stream-answer.ts'

const maxBodyBytes = 16 * 1024 * 1024

/** `POST /chat/completions`, streamed and not. */
export async function answerChat(
  state: ProviderState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await readBody(request, maxBodyBytes)
  if (text === null) {
    sendError(response, { status: 413, message: 'Request payload too large' })
    return
  }
  const parsed = parseChatBody(text)
  const outcome = parsed.body === null ? parsed.error : firstWorkingModel(state, parsed.body)
  if ('status' in outcome) {
    sendError(response, outcome)
    return
  }
  await deliver(state, response, outcome)
}

type ParsedBody =
  | { readonly body: ChatBody }
  | { readonly body: null; readonly error: ProviderError }

function parseChatBody(text: string): ParsedBody {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return invalidRequest('the body is not JSON')
  }
  const parsed = ChatBody.safeParse(value)
  if (parsed.success) return { body: parsed.data }
  const issue = parsed.error.issues[0]
  return invalidRequest(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

function invalidRequest(what: string): ParsedBody {
  return { body: null, error: { status: 400, message: `Invalid request parameters: ${what}` } }
}

type Delivery = { readonly generation: Generation; readonly fault: Fault | null }

/** Tries the model and its fallbacks; the last one's error is the answer when all fail. */
function firstWorkingModel(state: ProviderState, body: ChatBody): Delivery | ProviderError {
  let lastError: ProviderError = { status: 400, message: 'No models provided' }
  for (const id of requestedModels(body)) {
    const attempt = tryModel(state, body, id)
    if (!('status' in attempt)) return attempt
    lastError = attempt
  }
  return lastError
}

function tryModel(state: ProviderState, body: ChatBody, id: string): Delivery | ProviderError {
  const model = findSimulatedModel(id)
  if (model === undefined) return { status: 400, message: `${id} is not a valid model ID` }
  if ((body.tools?.length ?? 0) > 0 && !model.supportsTools) {
    return { status: 404, message: 'No endpoints found that support tool use' }
  }
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? undefined
  const refusal = refusalForCredits(state, model, promptBytesOf(body), maxTokens)
  if (refusal !== null) return refusal
  const fault = state.faults.take(model.id)
  const error = fault === null ? null : errorOfFault(fault, state.clock.now())
  if (error !== null) return error
  const answer = answerFor({
    model: model.id,
    prompt: promptOf(body),
    seed: state.seed,
    families: state.families,
    promptBytes: promptBytesOf(body),
    maxTokens,
  })
  return {
    fault,
    generation: {
      id: state.nextGenerationId(),
      model,
      answer,
      createdMs: state.clock.now(),
      streamed: body.stream === true,
    },
  }
}

/** Checked before the model runs, against the most that it could cost. */
function refusalForCredits(
  state: ProviderState,
  model: SimulatedModel,
  promptBytes: number,
  maxTokens: number | undefined,
): ProviderError | null {
  const left = state.credits - state.spent()
  if (left <= 0) {
    return {
      status: 402,
      message: 'Insufficient credits. Add more using https://openrouter.ai/credits',
    }
  }
  const asked = maxTokens ?? model.maxCompletionTokens
  const afterPrompt = left - costOf(model, Math.ceil(promptBytes / 4), 0)
  const affordable = Math.max(
    0,
    Math.floor((afterPrompt / costOf(model, 0, 1_000_000)) * 1_000_000),
  )
  if (affordable >= asked) return null
  return {
    status: 402,
    message: `This request requires more credits, or fewer max_tokens. You requested up to ${asked} tokens, but can only afford ${affordable}`,
  }
}

async function deliver(
  state: ProviderState,
  response: ServerResponse,
  { generation, fault }: Delivery,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) gone.abort(new Error('The client went away'))
  })
  if (fault?.fault === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  response.setHeader('X-Generation-Id', generation.id)
  if (state.latency === 'counted') {
    response.setHeader('x-simulated-latency-ms', String(generation.answer.latencyMs))
  }
  try {
    if (fault?.fault === 'slow') await state.clock.sleep(fault.delayMs, gone.signal)
    if (generation.streamed) await sendStream(state, response, generation, fault, gone.signal)
    else await sendWhole(state, response, generation, fault, gone.signal)
  } catch (error) {
    if (!gone.signal.aborted) throw error
  }
  if (isBilled(fault)) state.record(generation, gone.signal.aborted)
}

/** Answers that end in an error, or hold nothing, cost nothing. */
function isBilled(fault: Fault | null): boolean {
  return fault?.fault !== 'empty' && fault?.fault !== 'mid-stream-error'
}

async function sendWhole(
  state: ProviderState,
  response: ServerResponse,
  generation: Generation,
  fault: Fault | null,
  gone: AbortSignal,
): Promise<void> {
  if (state.latency === 'real') await state.clock.sleep(generation.answer.latencyMs, gone)
  if (fault?.fault === 'mid-stream-error') {
    sendJson(
      response,
      200,
      errorBody({ status: 502, message: 'The simulated upstream broke off.' }),
    )
    return
  }
  if (fault?.fault === 'empty') {
    sendJson(response, 200, emptyCompletionBody(generation))
    return
  }
  const text = JSON.stringify(completionBody(generation))
  if (fault?.fault === 'bad-json') {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(text.slice(0, text.length / 2))
    return
  }
  if (fault?.fault === 'truncated-stream') {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    response.write(text.slice(0, text.length / 2), () => response.destroy())
    return
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(state.nextKeepAlive() ? `\n\n\n${text}` : text)
}
