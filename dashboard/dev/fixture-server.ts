import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { statusEventName } from '../../src/http/contract.ts'
import { trailOf } from './fixture-decisions.ts'
import { lastFrame, statusAtFrame } from './fixture-story.ts'

export const fixtureKey = 'vk-fixture'

export type FixtureServer = {
  readonly address: string
  /** Bodies that the page sent to set targets, by agent. */
  readonly wishes: ReadonlyMap<string, unknown>
  /** Shows a frame of the made-up story to every page that follows. */
  show(frame: number): void
  next(): void
  /** Breaks the open event streams, as a restart does. */
  dropStreams(): void
  close(): Promise<void>
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

/** Serves the built page and a MADE-UP village (see fixture-story.ts), for development and tests. */
export async function startFixtureServer(options: {
  readonly distFolder: string
  readonly frame: number
  readonly port?: number
}): Promise<FixtureServer> {
  let frame = options.frame
  const streams = new Set<ServerResponse>()
  const wishes = new Map<string, unknown>()
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://fixture').pathname
    if (path === '/v1/key') return sendJson(response, 200, { data: { is_management_key: true } })
    if (!path.startsWith('/village/')) return void sendFile(options.distFolder, path, response)
    if (request.headers.authorization !== `Bearer ${fixtureKey}`) {
      return sendJson(response, 401, { error: { message: 'The API key is not known.' } })
    }
    if (path === '/village/status') return sendJson(response, 200, statusAtFrame(frame))
    if (path === '/village/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(statusEvent(frame))
      streams.add(response)
      return void response.on('close', () => streams.delete(response))
    }
    if (request.method === 'POST') return void takeTarget(request, path, { wishes, response })
    const trail = trailOf(path.slice('/village/decisions/'.length))
    if (trail) return sendJson(response, 200, trail)
    return sendJson(response, 404, { error: { message: 'There is no such decision.' } })
  })
  await listen(server, options.port ?? 0)
  const show = (next: number): void => {
    frame = Math.min(next, lastFrame)
    for (const stream of streams) stream.write(statusEvent(frame))
  }
  const dropStreams = (): void => streams.forEach((stream) => stream.destroy())
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    wishes,
    show,
    next: () => show(frame + 1),
    dropStreams,
    close: () => {
      dropStreams()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function takeTarget(
  request: IncomingMessage,
  path: string,
  { wishes, response }: { wishes: Map<string, unknown>; response: ServerResponse },
): Promise<void> {
  const wish: unknown = JSON.parse((await request.toArray()).join(''))
  wishes.set(path.slice('/village/targets/'.length), wish)
  sendJson(response, 200, { words: 'as it was set', boundsQuality: true, unmet: null })
}

function statusEvent(frame: number): string {
  return `event: ${statusEventName}\ndata: ${JSON.stringify(statusAtFrame(frame))}\n\n`
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function sendFile(folder: string, path: string, response: ServerResponse): Promise<void> {
  const file = join(folder, normalize(path === '/' ? '/index.html' : path))
  const found = await stat(file).catch(() => null)
  if (!found?.isFile()) return void response.writeHead(404).end()
  const contentType = contentTypes[extname(file)] ?? 'application/octet-stream'
  response.writeHead(200, { 'content-type': contentType })
  createReadStream(file).pipe(response)
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}
