import fastifyStatic from '@fastify/static'
import {
  fastify,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from 'fastify'
import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { Access } from '../village/access/access.ts'
import type { BatchService } from '../village/batch-service.ts'
import type { SettableTargets } from '../village/planning/target-view.ts'
import type { KeptAnswers, VillageService } from '../village/village-service.ts'
import { createApiKeyGate } from './api-key-gate.ts'
import { formOverheadBytes, takeForms } from './file-routes.ts'
import { invalidRequest } from './api-error.ts'
import { replyOfError } from './error-reply.ts'
import { guardRoute, guardTokens } from './guard-route.ts'
import { createIdleStreams } from './idle-streams.ts'
import { parseJsonBody } from './json-body.ts'
import { RequestProblem } from './request-problem.ts'
import type { FailureReport, RouteContext, StatusSource, TrailSource } from './route-context.ts'
import { errorBodyOf } from './route-error-body.ts'
import { routes } from './routes.ts'
import { createStatusEvents } from './status-events.ts'

type ServerLogger = {
  error(details: Readonly<Record<string, unknown>>, message: string): void
  warn(details: Readonly<Record<string, unknown>>, message: string): void
}

export type ServerOptions = {
  readonly service: VillageService
  readonly access: Access
  /** Left out where no answers are kept. */
  readonly answers?: KeptAnswers
  /** Left out where no batches run. */
  readonly batches?: BatchService
  readonly status: StatusSource
  readonly trails: TrailSource
  /** Left out where the agents' targets cannot be changed. */
  readonly targets?: SettableTargets
  /** The dashboard's built files, served without a key: they hold no data. */
  readonly dashboardFolder?: string
  readonly logger?: ServerLogger
  readonly bodyLimitBytes: number
  readonly clock: Clock
  readonly ids: Ids
}

const consoleLogger: ServerLogger = {
  error: (details, message) => console.error(message, details),
  warn: (details, message) => console.warn(message, details),
}

/** How long a key works on that another process, such as the command line, has revoked. */
const keyTimeToLiveMs = 1000
const maxKeysInMemory = 10_000
/** How long a client may take to send a whole request. */
const requestTimeoutMs = 120_000
const keepAliveTimeoutMs = 72_000

/** The gateway's HTTP side, not listening yet. `close()` ends event streams and drains answers. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { service, status, clock, bodyLimitBytes, logger = consoleLogger } = options
  const context: RouteContext = {
    service,
    access: options.access,
    answers: options.answers ?? null,
    batches: options.batches ?? null,
    status,
    trails: options.trails,
    targets: options.targets ?? null,
    statusEvents: createStatusEvents({
      current: () => status.current(),
      subscribe: (listener) => status.subscribe(listener),
      clock,
      onError: (error) =>
        reportFailure(logger, { error, bug: true, status: 200, route: 'GET /village/events' }),
    }),
    idleStreams: createIdleStreams(clock),
    clock,
    ids: options.ids,
    startedAtMs: clock.now(),
    bodyLimitBytes,
    report: (failure) => reportFailure(logger, failure),
  }
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => {
      void sendFailure(context, error, request, reply)
    },
  })

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    try {
      refuseCompressed(request.headers['content-encoding'])
      const { bodyless } = request.routeOptions.config
      const empty = bodyless === true && body.length === 0
      done(null, empty ? undefined : parseJsonBody(body.toString()))
    } catch (error) {
      done(error as Error)
    }
  })
  app.setErrorHandler((error, request, reply) => sendFailure(context, error, request, reply))
  app.setNotFoundHandler((request, reply) =>
    sendFailure(context, unknownRoute(request), request, reply),
  )
  app.addHook('onRoute', refuseUndeclared)
  app.addHook('preClose', (done) => {
    context.statusEvents.close()
    context.idleStreams.close()
    done()
  })

  const gate = createApiKeyGate({
    authenticate: (key) => service.authenticate(key),
    clock,
    timeToLiveMs: keyTimeToLiveMs,
    maxKeys: maxKeysInMemory,
  })
  const stopForgetting = options.access.keys.onChange((keyId) => gate.forget(keyId))
  app.addHook('onClose', async () => stopForgetting())
  app.decorateRequest('caller', null)
  app.decorateRequest('limited', null)
  const guard = { gate, limits: options.access.limits, clock }
  const takeTokens = guardTokens(guard)
  const fileLimitBytes = (options.batches?.maxFileBytes ?? 0) + formOverheadBytes
  for (const route of routes) {
    const { method, url, roles, bodyless = false, takesFile = false, errorBody, handle } = route
    const add = (part: FastifyInstance): void => {
      part.route({
        method,
        url,
        config: { roles, bodyless, ...(errorBody !== undefined && { errorBody }) },
        ...(roles !== 'everyone' && {
          onRequest: guardRoute(roles, guard),
          ...(method === 'POST' && !takesFile && { preHandler: takeTokens }),
        }),
        ...(takesFile && { bodyLimit: fileLimitBytes }),
        handler: (request, reply) => handle(context, request, reply),
      })
    }
    if (!takesFile) add(app)
    else {
      void app.register(async (part) => {
        takeForms(part)
        add(part)
      })
    }
  }
  if (options.dashboardFolder !== undefined) serveDashboard(app, options.dashboardFolder)
  return app
}

/** Only the dashboard's files, which hold no data, may be there without saying who may have them. */
function refuseUndeclared({ method, url, config }: RouteOptions): void {
  if (config?.roles !== undefined) return
  const isRead = [method].flat().every((one) => one === 'GET' || one === 'HEAD')
  if (isRead && (url === '/' || url === '/*')) return
  throw new TypeError(`The route ${String(method)} ${url} does not say which roles may use it`)
}

function refuseCompressed(encoding: string | undefined): void {
  if (encoding === undefined || encoding === 'identity') return
  throw new RequestProblem(
    invalidRequest('Send the body uncompressed, without content-encoding.', {
      status: 415,
      code: 'unsupported_media_type',
    }),
  )
}

/** Styles may be inline: the component library sets them from script. */
const contentSecurityPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"

function serveDashboard(app: FastifyInstance, folder: string): void {
  void app.register(fastifyStatic, {
    root: folder,
    dotfiles: 'ignore',
    setHeaders: (reply) => {
      void reply.header('content-security-policy', contentSecurityPolicy)
      void reply.header('x-content-type-options', 'nosniff')
      void reply.header('referrer-policy', 'no-referrer')
    },
  })
}

function sendFailure(
  context: RouteContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const clientIsGone = reply.raw.closed || request.raw.socket.destroyed
  if (clientIsGone) return reply.hijack()
  const { reply: failure, bug } = replyOfError(error, {
    bodyLimitBytes: request.routeOptions.bodyLimit ?? context.bodyLimitBytes,
  })
  const route = `${request.method} ${request.routeOptions.url ?? request.url}`
  context.report({ error, bug, status: failure.status, route })
  return reply
    .code(failure.status)
    .headers(failure.headers ?? {})
    .send(errorBodyOf(request)(failure))
}

function unknownRoute(request: FastifyRequest): RequestProblem {
  const path = request.url.split('?')[0] ?? ''
  const other = routes.find(({ url }) => url === path)
  const hint = other === undefined ? '' : ` Use ${other.method} ${other.url}.`
  return new RequestProblem(
    invalidRequest(`There is no ${request.method} ${path.slice(0, 256)} here.${hint}`, {
      status: 404,
      code: 'route_not_found',
    }),
  )
}

/** A bug is told loudly; what the village expects to fail now and then is told once, as a warning. */
function reportFailure(logger: ServerLogger, failure: FailureReport): void {
  const { error, bug, status, route } = failure
  if (bug) logger.error({ err: error, status, route }, 'A request failed through a bug')
  else if (status >= 500) logger.warn({ err: error, status, route }, 'A request failed')
}
