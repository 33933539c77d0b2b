import fastifyStatic from '@fastify/static'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { VillageService } from '../village/village-service.ts'
import { createApiKeyGate } from './api-key-gate.ts'
import { bodyOfApiError, invalidRequest } from './api-error.ts'
import { replyOfError } from './error-reply.ts'
import { parseJsonBody } from './json-body.ts'
import { requireKey } from './require-key.ts'
import { RequestProblem } from './request-problem.ts'
import type { FailureReport, RouteContext, StatusSource, TrailSource } from './route-context.ts'
import { routes } from './routes.ts'
import { createStatusEvents } from './status-events.ts'

type ServerLogger = {
  error(details: Readonly<Record<string, unknown>>, message: string): void
  warn(details: Readonly<Record<string, unknown>>, message: string): void
}

export type ServerOptions = {
  readonly service: VillageService
  readonly status: StatusSource
  readonly trails: TrailSource
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

const keyTimeToLiveMs = 10_000
const maxKeysInMemory = 10_000
/** How long a client may take to send a whole request. */
const requestTimeoutMs = 120_000
const keepAliveTimeoutMs = 72_000

/** The gateway's HTTP side, not listening yet. `close()` ends event streams and drains answers. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { service, status, clock, bodyLimitBytes, logger = consoleLogger } = options
  const context: RouteContext = {
    service,
    status,
    trails: options.trails,
    statusEvents: createStatusEvents({
      current: () => status.current(),
      subscribe: (listener) => status.subscribe(listener),
      clock,
      onError: (error) =>
        reportFailure(logger, { error, bug: true, status: 200, route: 'GET /village/events' }),
    }),
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
      done(null, parseJsonBody(body.toString()))
    } catch (error) {
      done(error as Error)
    }
  })
  app.setErrorHandler((error, request, reply) => sendFailure(context, error, request, reply))
  app.setNotFoundHandler((request, reply) =>
    sendFailure(context, unknownRoute(request), request, reply),
  )
  app.addHook('preClose', (done) => {
    context.statusEvents.close()
    done()
  })

  const gate = createApiKeyGate({
    authenticate: (key) => service.authenticate(key),
    clock,
    timeToLiveMs: keyTimeToLiveMs,
    maxKeys: maxKeysInMemory,
  })
  const onlyWithKey = requireKey(gate)
  for (const { method, url, needsKey, handle } of routes) {
    app.route({
      method,
      url,
      ...(needsKey && { onRequest: onlyWithKey }),
      handler: (request, reply) => handle(context, request, reply),
    })
  }
  if (options.dashboardFolder !== undefined) serveDashboard(app, options.dashboardFolder)
  return app
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
  const { reply: failure, bug } = replyOfError(error, context)
  const route = `${request.method} ${request.routeOptions.url ?? request.url}`
  context.report({ error, bug, status: failure.status, route })
  return reply
    .code(failure.status)
    .headers(failure.headers ?? {})
    .send(bodyOfApiError(failure))
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
