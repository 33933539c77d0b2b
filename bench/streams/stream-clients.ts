import { performance } from 'node:perf_hooks'
import { Pool } from 'undici'

/**
 * Clients that each read one stream after the other until the time is over, which runs from when all
 * of them have had a first byte; streams under way at its end are read to theirs. A process of its own. Order: one JSON argument; result: one line of JSON.
 */
export type ClientsOrder = {
  readonly url: string
  readonly key: string
  readonly streams: number
  readonly durationMs: number
  readonly longestStreamMs: number
  /** How often the piece of text stands in a whole stream. */
  readonly pieces: number
}

export type ClientsResult = {
  readonly finished: number
  readonly failures: readonly string[]
  /** Most streams that were open at once. */
  readonly mostOpen: number
  /** Until each client had a first byte. */
  readonly allOpenMs: number
  readonly firstByteP50Ms: number
  readonly firstByteP99Ms: number
}

const order = JSON.parse(process.argv[2] ?? '{}') as ClientsOrder
const target = new URL(order.url)
const pool = new Pool(target.origin, { connections: order.streams, pipelining: 1 })
const body = JSON.stringify({
  model: 'bench/fixed',
  messages: [{ role: 'user', content: 'My card was charged twice for the March invoice.' }],
  stream: true,
})
const headers = { 'content-type': 'application/json', authorization: `Bearer ${order.key}` }
const firstByteMs: number[] = []
const failures: string[] = []
let finished = 0
let open = 0
let mostOpen = 0
let clientsWithByte = 0
const startedAt = performance.now()
let allOpenMs = Number.NaN
let endAt = Number.POSITIVE_INFINITY

await Promise.all(Array.from({ length: order.streams }, (_, index) => readStreams(index)))
await pool.close()
const sorted = firstByteMs.toSorted((a, b) => a - b)
const at = (share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
const result: ClientsResult = {
  finished,
  failures: failures.slice(0, 20),
  mostOpen,
  allOpenMs,
  firstByteP50Ms: at(0.5),
  firstByteP99Ms: at(0.99),
}
process.stdout.write(`${JSON.stringify(result)}\n`)

/** The first streams are begun over two seconds: a crowd at the door is not what is measured. */
async function readStreams(index: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, (index / order.streams) * 2000))
  let hasByte = false
  const onFirstByte = (): void => {
    if (hasByte) return
    hasByte = true
    clientsWithByte += 1
    if (clientsWithByte < order.streams) return
    allOpenMs = performance.now() - startedAt
    endAt = performance.now() + order.durationMs
  }
  while (performance.now() < endAt) {
    open += 1
    mostOpen = Math.max(mostOpen, open)
    try {
      await readStream(onFirstByte)
      finished += 1
    } catch (error) {
      failures.push(String(error))
    }
    open -= 1
  }
}

function readStream(onFirstByte: () => void): Promise<void> {
  const sentAt = performance.now()
  let text = ''
  let first = true
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('The stream took too long')),
      order.longestStreamMs,
    )
    const settle = (problem: Error | null): void => {
      clearTimeout(timer)
      if (problem === null) resolve()
      else reject(problem)
    }
    pool.dispatch(
      { method: 'POST', path: target.pathname, headers, body },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, status) => {
          if (status !== 200) settle(new Error(`HTTP status ${status}`))
        },
        onResponseData: (_controller, chunk) => {
          if (first) {
            firstByteMs.push(performance.now() - sentAt)
            onFirstByte()
          }
          first = false
          text += chunk.toString()
        },
        onResponseEnd: () => settle(problemIn(text)),
        onResponseError: (_controller, error) => settle(error),
      },
    )
  })
}

function problemIn(text: string): Error | null {
  const pieces = text.split('Billing, urgent. ').length - 1
  if (pieces !== order.pieces) return new Error(`${pieces} pieces of ${order.pieces}`)
  return text.endsWith('data: [DONE]\n\n') ? null : new Error('The stream has no end')
}
