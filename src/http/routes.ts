import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { keyRoles, type KeyRole } from '../kernel/api-key.ts'
import { answerOver } from './answer-chat.ts'
import type { ErrorBody } from './api-error.ts'
import { cancelBatch, createBatch, listBatches, NewBatch, showBatch } from './batch-routes.ts'
import type { RouteRoles } from './caller.ts'
import { Forget, forgetAnswers, showCache } from './cache-routes.ts'
import { ChatCompletionsBody } from './chat-completions-request.ts'
import { chatCompletionsWire } from './chat-completions-wire.ts'
import type { ChatWire } from './chat-wire.ts'
import { CompletionsBody, completionsWire } from './completions-wire.ts'
import { EmbeddingsBody, embedInput } from './embeddings-route.ts'
import { FeedbackBody, recordFeedback } from './feedback-route.ts'
import { listFiles, removeFile, showFile, showFileContent, uploadFile } from './file-routes.ts'
import { GenerationQuery, showGeneration } from './generation-route.ts'
import { createKey, listKeys, NewKey, revokeKey, rotateKey, showOwnKey } from './key-routes.ts'
import { messagesErrorBody } from './messages-error.ts'
import { MessagesBody } from './messages-request.ts'
import { messagesWire } from './messages-wire.ts'
import { findModel, findModelAsData, listModels, ModelsQuery } from './models-routes.ts'
import { openApiOf } from './openapi.ts'
import { openRouterErrorBody } from './openrouter-error.ts'
import { PageQuery } from './page-query.ts'
import { ResponsesBody } from './responses-request.ts'
import { responsesWire } from './responses-wire.ts'
import type { RouteContext } from './route-context.ts'
import { setTarget, TargetBody } from './target-routes.ts'
import { showDecision, showStatus, streamStatus } from './village-routes.ts'

export type Route = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  /** Which keys may use it: what belongs to other keys' requests is not for members. */
  readonly roles: RouteRoles
  readonly bodyless?: true
  /** Takes a file in a form instead of a JSON body. */
  readonly takesFile?: true
  /** How failures are told on this wire, where it is not in OpenAI's shape. */
  readonly errorBody?: ErrorBody
  /** For `/openapi.json`. */
  readonly summary?: string
  readonly schemas?: { readonly body?: z.ZodType; readonly query?: z.ZodType }
  /** Answers with server-sent events when `stream` is true. */
  readonly streams?: boolean
  readonly handle: (context: RouteContext, request: FastifyRequest, reply: FastifyReply) => unknown
}

const users: readonly KeyRole[] = ['owner', 'operator', 'member']
const watchers: readonly KeyRole[] = ['owner', 'operator', 'viewer']
const managers: readonly KeyRole[] = ['owner', 'operator']

const ownRoutes: readonly Route[] = [
  chatRoute('/v1/chat/completions', chatCompletionsWire, {
    summary: "OpenAI's and OpenRouter's chat completions",
    body: ChatCompletionsBody,
  }),
  chatRoute('/v1/responses', responsesWire, {
    summary: "OpenAI's Responses; nothing is kept between two of them",
    body: ResponsesBody,
  }),
  {
    ...chatRoute('/v1/messages', messagesWire, {
      summary: "Anthropic's Messages",
      body: MessagesBody,
    }),
    errorBody: messagesErrorBody,
  },
  chatRoute('/v1/completions', completionsWire, {
    summary: "OpenAI's first endpoint: one prompt, no turns",
    body: CompletionsBody,
  }),
  {
    method: 'POST',
    url: '/v1/embeddings',
    roles: users,
    summary: 'Vectors for texts, from the frontier',
    schemas: { body: EmbeddingsBody },
    handle: embedInput,
  },
  {
    method: 'GET',
    url: '/v1/generation',
    roles: keyRoles,
    summary: 'What an answer cost, by its id',
    schemas: { query: GenerationQuery },
    handle: showGeneration,
  },
  {
    method: 'GET',
    url: '/v1/models',
    roles: keyRoles,
    summary: 'Every name that can be asked for',
    schemas: { query: ModelsQuery },
    handle: listModels,
  },
  {
    method: 'GET',
    url: '/v1/models/*',
    roles: keyRoles,
    summary: 'One model; an unknown name brings close ones',
    handle: findModel,
  },
  {
    method: 'GET',
    url: '/v1/model/*',
    roles: keyRoles,
    summary: 'One model, in an envelope as OpenRouter has it',
    handle: findModelAsData,
  },
  {
    method: 'POST',
    url: '/v1/feedback',
    roles: users,
    summary: 'Says of an answer whether it was good, and what it should have been',
    schemas: { body: FeedbackBody },
    handle: recordFeedback,
  },
  {
    method: 'GET',
    url: '/v1/key',
    roles: keyRoles,
    summary: 'The key that asks: what it may, what it has spent',
    handle: showOwnKey,
  },
  {
    method: 'GET',
    url: '/v1/keys',
    roles: managers,
    summary: 'All keys, without their secrets',
    handle: listKeys,
  },
  {
    method: 'POST',
    url: '/v1/keys',
    roles: managers,
    summary: 'Makes a key, which is shown this once',
    schemas: { body: NewKey },
    handle: createKey,
  },
  {
    method: 'POST',
    url: '/v1/keys/:id/rotate',
    roles: managers,
    bodyless: true,
    summary: 'A new secret for the same key',
    handle: rotateKey,
  },
  {
    method: 'DELETE',
    url: '/v1/keys/:id',
    roles: managers,
    bodyless: true,
    summary: 'Revokes a key',
    handle: revokeKey,
  },
  {
    method: 'POST',
    url: '/v1/files',
    roles: users,
    takesFile: true,
    summary: 'Takes the requests of a batch, one a line',
    handle: uploadFile,
  },
  {
    method: 'GET',
    url: '/v1/files',
    roles: users,
    schemas: { query: PageQuery },
    handle: listFiles,
  },
  { method: 'GET', url: '/v1/files/:id', roles: users, handle: showFile },
  { method: 'DELETE', url: '/v1/files/:id', roles: users, bodyless: true, handle: removeFile },
  { method: 'GET', url: '/v1/files/:id/content', roles: users, handle: showFileContent },
  {
    method: 'POST',
    url: '/v1/batches',
    roles: users,
    summary: 'Answers the requests of a file in what other traffic leaves free',
    schemas: { body: NewBatch },
    handle: createBatch,
  },
  {
    method: 'GET',
    url: '/v1/batches',
    roles: users,
    schemas: { query: PageQuery },
    handle: listBatches,
  },
  { method: 'GET', url: '/v1/batches/:id', roles: users, handle: showBatch },
  {
    method: 'POST',
    url: '/v1/batches/:id/cancel',
    roles: users,
    bodyless: true,
    handle: cancelBatch,
  },
  {
    method: 'GET',
    url: '/village/cache',
    roles: users,
    summary: 'Which similar requests of the key that asks get kept answers, and what that rests on',
    handle: showCache,
  },
  {
    method: 'POST',
    url: '/village/cache/forget',
    roles: users,
    summary: 'Forgets kept answers of the key that asks',
    schemas: { body: Forget },
    handle: forgetAnswers,
  },
  { method: 'GET', url: '/village/status', roles: watchers, handle: showStatus },
  { method: 'GET', url: '/village/decisions/:id', roles: watchers, handle: showDecision },
  {
    method: 'POST',
    url: '/village/targets/:agent',
    roles: managers,
    summary: 'Sets what the routing of an agent is to reach: quality, money or time',
    schemas: { body: TargetBody },
    handle: setTarget,
  },
  { method: 'GET', url: '/village/events', roles: watchers, handle: streamStatus },
  { method: 'GET', url: '/healthz', roles: 'everyone', handle: () => ({ status: 'ok' }) },
  { method: 'GET', url: '/openapi.json', roles: 'everyone', handle: showOpenApi },
]

function chatRoute<Asked>(
  url: string,
  wire: ChatWire<Asked>,
  { summary, body }: { readonly summary: string; readonly body: z.ZodType },
): Route {
  const handle = answerOver(wire)
  return { method: 'POST', url, roles: users, streams: true, summary, schemas: { body }, handle }
}

/**
 * OpenRouter's clients have a base address that ends with `/api/v1`: below it, everything is the same,
 * but failures are told as OpenRouter tells them.
 */
export const routes: readonly Route[] = [
  ...ownRoutes,
  ...ownRoutes.filter(({ url }) => url.startsWith('/v1/')).map(asOpenRouters),
]

function asOpenRouters(route: Route): Route {
  return { errorBody: openRouterErrorBody, ...route, url: `/api${route.url}` }
}

let openApi: object | undefined

/** Made once, when it is first asked for. */
function showOpenApi(context: RouteContext) {
  openApi ??= openApiOf(routes, context.status.current().version)
  return openApi
}
