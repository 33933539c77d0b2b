import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { systemClock } from '../../kernel/clock.ts'
import type { Clock } from '../../kernel/clock.ts'
import { nanoUsdFromUsd } from '../../kernel/money.ts'
import { demoFamilies } from '../families/demo-families.ts'
import type { Family } from '../families/family.ts'
import { creditsBody, generationBody, isManagementKey, keyBody } from './account-wire.ts'
import { answerChat } from './chat-route.ts'
import { FaultOrder } from './faults.ts'
import { readBody, sendError, sendJson } from './http-io.ts'
import { modelsBody } from './models-wire.ts'
import { createProviderState } from './provider-state.ts'
import type { LatencyMode, ProviderState } from './provider-state.ts'

export type SimulatedOpenRouterOptions = {
  readonly seed: number
  readonly latency: LatencyMode
  /** 0, the default, takes any free port of the loopback address. */
  readonly port?: number
  /** The task families that its models can solve; the demo's when left out. */
  readonly families?: readonly Family[]
  readonly creditsUsd?: number
  readonly clock?: Clock
}

export type SimulatedOpenRouter = {
  /** The base URL that an OpenRouter client takes, ending in `/api/v1`. */
  readonly url: string
  /** Where faults are asked for: `${controlUrl}/faults`. */
  readonly controlUrl: string
  close(): Promise<void>
}

/** A real HTTP server on loopback that speaks the provider's wire protocol. */
export async function startSimulatedOpenRouter(
  options: SimulatedOpenRouterOptions,
): Promise<SimulatedOpenRouter> {
  const state = createProviderState({
    seed: options.seed,
    latency: options.latency,
    families: options.families ?? demoFamilies,
    clock: options.clock ?? systemClock,
    credits: nanoUsdFromUsd(options.creditsUsd ?? 100_000),
  })
  const server = createServer((request, response) => {
    response.setHeader('x-simulated', 'true')
    answer(state, request, response).catch((error: unknown) => {
      if (response.destroyed) return
      if (response.headersSent) response.destroy()
      else sendError(response, { status: 500, message: `Simulation failed: ${String(error)}` })
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `${origin}/api/v1`,
    controlUrl: `${origin}/control`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  state: ProviderState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  if (url.pathname === '/control/faults') {
    await answerControl(state, request, response)
    return
  }
  if (request.method === 'GET' && url.pathname === '/api/v1/models') {
    sendJson(response, 200, modelsBody(url.searchParams))
    return
  }
  const key = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (key === undefined) {
    sendError(response, { status: 401, message: 'Missing Authentication header' })
    return
  }
  if (key.startsWith('sk-bad')) {
    sendError(response, { status: 401, message: 'User not found.' })
    return
  }
  const route = `${request.method} ${url.pathname}`
  if (route === 'POST /api/v1/chat/completions') await answerChat(state, request, response)
  else if (route === 'GET /api/v1/key') sendJson(response, 200, keyBody(key, state.spent()))
  else if (route === 'GET /api/v1/credits') answerCredits(state, key, response)
  else if (route === 'GET /api/v1/generation') answerGeneration(state, url, response)
  else sendError(response, { status: 404, message: 'Resource not found' })
}

function answerCredits(state: ProviderState, key: string, response: ServerResponse): void {
  if (isManagementKey(key)) sendJson(response, 200, creditsBody(state.credits, state.spent()))
  else {
    sendError(response, {
      status: 403,
      message: 'Only management keys can perform this operation',
    })
  }
}

function answerGeneration(state: ProviderState, url: URL, response: ServerResponse): void {
  const id = url.searchParams.get('id') ?? ''
  const found = state.generation(id)
  if (found === null) {
    sendError(response, { status: 404, message: `Generation ${id} not found` })
    return
  }
  sendJson(response, 200, generationBody(found.generation, found.cancelled))
}

/** Not of the provider: orders faults, for tests. */
async function answerControl(
  state: ProviderState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'DELETE') state.faults.clear()
  if (request.method === 'POST') {
    const order = parseOrder((await readBody(request, 64 * 1024)) ?? '')
    if (!order.success) {
      sendError(response, { status: 400, message: z.prettifyError(order.error) })
      return
    }
    state.faults.add(order.data)
  }
  sendJson(response, 200, { faults: state.faults.list() as never })
}

function parseOrder(text: string): z.ZodSafeParseResult<z.infer<typeof FaultOrder>> {
  try {
    return FaultOrder.safeParse(JSON.parse(text))
  } catch {
    return FaultOrder.safeParse(undefined)
  }
}
