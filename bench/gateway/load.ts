import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

/**
 * The load, in a process of its own: every connection sends its next request when the last answer is
 * whole. Bytes over plain sockets, because on few cores a costlier client would hide what a fast
 * gateway can do. Order: one JSON argument; result: one line of JSON.
 */
export type LoadOrder = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly connections: number
  readonly warmUpMs: number
  readonly durationMs: number
}

export type LoadResult = {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly requests: number
  readonly failures: number
}

const order = JSON.parse(process.argv[2] ?? '{}') as LoadOrder
const target = new URL(order.url)
const requestBytes = writeRequest()
const latenciesMs: number[] = []
let failures = 0
let measuring = false
let running = true

const sockets = Array.from({ length: order.connections }, openLoop)
setTimeout(() => {
  measuring = true
  const startedAt = performance.now()
  setTimeout(() => {
    running = false
    measuring = false
    for (const socket of sockets) socket.destroy()
    report(performance.now() - startedAt)
  }, order.durationMs)
}, order.warmUpMs)

function writeRequest(): Buffer {
  const body = Buffer.from(order.body)
  const headers = Object.entries({
    host: target.host,
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...order.headers,
  })
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`POST ${target.pathname} HTTP/1.1\r\n${lines}\r\n`), body])
}

function openLoop(): Socket {
  const socket = connect({ host: target.hostname, port: Number(target.port), noDelay: true })
  let sentAt = 0
  let received = ''
  const send = (): void => {
    received = ''
    sentAt = performance.now()
    socket.write(requestBytes)
  }
  socket.setEncoding('latin1')
  socket.once('connect', send)
  socket.on('data', (text: string) => {
    received += text
    if (!isWhole(received)) return
    if (measuring) latenciesMs.push(performance.now() - sentAt)
    if (!isGood(received)) failures += 1
    if (running) send()
  })
  socket.on('error', () => {
    if (running) failures += 1
  })
  socket.on('close', () => {
    if (!running) return
    failures += 1
    process.stderr.write('A gateway closed its connection under load\n')
  })
  return socket
}

/** Both framings of HTTP/1.1 (RFC 9112, section 6). */
function isWhole(response: string): boolean {
  const headEnd = response.indexOf('\r\n\r\n')
  if (headEnd === -1) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(response.slice(0, headEnd))?.[1]
  if (length !== undefined) return response.length >= headEnd + 4 + Number(length)
  return response.endsWith('\r\n0\r\n\r\n')
}

function isGood(response: string): boolean {
  return response.startsWith('HTTP/1.1 200') && response.includes('"Billing, urgent.')
}

function report(elapsedMs: number): void {
  const sorted = latenciesMs.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  const result: LoadResult = {
    requestsPerSecond: (sorted.length * 1000) / elapsedMs,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    requests: sorted.length,
    failures,
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
