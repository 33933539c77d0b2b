import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { ApiKey } from '../kernel/api-key.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import type { ApiKeyStore } from '../kernel/stores.ts'
import { isActive } from '../village/access/key-ring.ts'
import type { VillageService } from '../village/village-service.ts'
import { bodyOfApiError, invalidRequest } from './api-error.ts'
import { chatCompletionsWire } from './chat-completions-wire.ts'
import type { ChatWire } from './chat-wire.ts'
import { completionsWire } from './completions-wire.ts'
import { embeddingsFor, embeddingsIdPrefix } from './embeddings-route.ts'
import { replyOfError } from './error-reply.ts'
import { RequestProblem } from './request-problem.ts'
import { responsesWire } from './responses-wire.ts'

type LineRequest = {
  readonly endpoint: string
  readonly tenant: string
  readonly body: JsonObject
}

type LineReply = {
  readonly status: number
  readonly body: JsonValue
  readonly requestId: string
  readonly retryable: boolean
  readonly retryAfterMs?: number
}

type LinePorts = {
  readonly service: LineService
  readonly keys: Pick<ApiKeyStore, 'get'>
  readonly clock: Clock
  readonly ids: Ids
  readonly bodyLimitBytes: number
  readonly reportBug: (error: unknown) => void
}

type LineService = Pick<VillageService, 'answer' | 'embed'>

/** What the ids of a line's answer and of its decision have in common. */
type LineHead = { readonly serial: string; readonly createdSeconds: number }

type Answer = (
  request: LineRequest,
  head: LineHead,
  call: {
    readonly service: LineService
    readonly signal: AbortSignal
    readonly caller: ApiKey
  },
) => Promise<object>

/** The endpoints whose requests may stand in a batch. */
const endpoints: Readonly<Record<string, Answer>> = {
  '/v1/chat/completions': answerOver(chatCompletionsWire),
  '/v1/responses': answerOver(responsesWire),
  '/v1/completions': answerOver(completionsWire),
  '/v1/embeddings': ({ body }, { serial }, { service, ...options }) =>
    embeddingsFor(body, { id: `${embeddingsIdPrefix}${serial}` }, (asked) =>
      service.embed({ ...asked, decisionId: `dec${serial}` }, options),
    ),
}

export const batchEndpoints: readonly string[] = Object.keys(endpoints)

function answerOver<Asked>(wire: ChatWire<Asked>): Answer {
  return async ({ body, tenant }, { serial, createdSeconds }, { service, ...options }) => {
    const { input, asked } = wire.read(body)
    const line = { ...input, tenant, decisionId: `dec${serial}` }
    const head = { id: `${wire.idPrefix}${serial}`, createdSeconds, errorBody: bodyOfApiError }
    return wire.whole(await service.answer(line, options), head, asked)
  }
}

/** Answers the lines of batches as their endpoint would, errors included. */
export function createBatchLineRunner(
  ports: LinePorts,
): (request: LineRequest, signal: AbortSignal) => Promise<LineReply> {
  return async (request, signal) => {
    const serial = ports.ids.next('dec').slice('dec'.length)
    const requestId = `req${serial}`
    const head = { serial, createdSeconds: Math.floor(ports.clock.now() / 1000) }
    try {
      const answer = answerOf(request)
      const caller = await callerOfLine(request, ports)
      const body = await answer(request, head, { service: ports.service, signal, caller })
      return { status: 200, body: asJson(body), requestId, retryable: false }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const { reply, bug } = replyOfError(error, ports)
      if (bug) ports.reportBug(error)
      const retryAfterSeconds = Number(reply.headers?.['retry-after'] ?? Number.NaN)
      return {
        status: reply.status,
        body: bodyOfApiError(reply),
        requestId,
        retryable: reply.status === 429 || (reply.status >= 500 && !bug),
        ...(Number.isFinite(retryAfterSeconds) && { retryAfterMs: retryAfterSeconds * 1000 }),
      }
    }
  }
}

/** The key as it is now: one that was revoked or has expired since ends its batches. */
async function callerOfLine({ tenant }: LineRequest, { keys, clock }: LinePorts): Promise<ApiKey> {
  const key = await keys.get(tenant)
  if (key !== null && isActive(key, clock.now())) return key
  throw new RequestProblem({
    status: 401,
    message: 'The key that this batch was made with is revoked or has expired.',
    type: 'authentication_error',
    param: null,
    code: 'invalid_api_key',
  })
}

function answerOf({ endpoint, body }: LineRequest): Answer {
  const answer = Object.hasOwn(endpoints, endpoint) ? endpoints[endpoint] : undefined
  if (answer === undefined) {
    throw new RequestProblem(invalidRequest(`There are no batches for ${endpoint}.`))
  }
  if (body['stream'] === true) {
    throw new RequestProblem(
      invalidRequest('A request of a batch cannot be streamed; leave "stream" out.', {
        param: 'stream',
      }),
    )
  }
  return answer
}

/** An answer in the shape of its endpoint holds JSON values only. */
function asJson(body: object): JsonValue {
  return body as JsonObject
}
