import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pick, type Random } from '../../src/kernel/random.ts'
import { chaosAnswer, chaosFaults, sendAnswer, sendFault, type ChaosFault } from './chaos-faults.ts'

export type ChaoticReplicas = {
  /** Of the two servers, for `baseUrl`. */
  readonly baseUrls: readonly [string, string]
  readonly injected: Readonly<Record<ChaosFault | 'latency' | 'sliced', number>>
  /** Prompts whose streams were broken after a word of the answer had gone out. */
  readonly broken: ReadonlySet<string>
  /** Prompts that came again though a word of their streamed answer had gone out: must stay empty. */
  readonly repeated: readonly string[]
  /** Requests that were taken and are neither answered nor given up by the other side. */
  openRequests(): number
  openSockets(): number
  /** Both are well from now on. */
  calm(): void
  close(): Promise<void>
}

type Trouble = 'north' | 'south' | null

/**
 * Two servers of which one is in trouble at times and never both: single faults of every sort, or
 * one sort for every request, as a dead or hanging machine does. The other one may be slow, and may
 * slice its answers into odd pieces.
 */
export async function startChaoticReplicas(options: {
  readonly random: Random
  /** After so many the trouble moves on: north, nobody, south, nobody … */
  readonly answersPerPhase: number
}): Promise<ChaoticReplicas> {
  const { random, answersPerPhase } = options
  const injected = Object.fromEntries(
    [...chaosFaults, 'latency', 'sliced'].map((fault) => [fault, 0]),
  ) as Record<ChaosFault | 'latency' | 'sliced', number>
  const broken = new Set<string>()
  const repeated: string[] = []
  const open = new Set<ServerResponse>()
  const sockets = new Set<object>()
  const phases: readonly Trouble[] = ['north', null, 'south', null]
  let calmForEver = false
  let served = 0
  let phase = 0
  let onlyFault: ChaosFault | null = null

  const answered = (): void => {
    served += 1
    if (served % answersPerPhase !== 0) return
    phase += 1
    onlyFault = random() < 0.5 ? pick(chaosFaults, random) : null
  }
  const faultFor = (name: Trouble): ChaosFault | null => {
    if (calmForEver || phases[phase % phases.length] !== name) return null
    if (onlyFault !== null) return onlyFault
    return random() < 0.7 ? pick(chaosFaults, random) : null
  }
  const answer = async (
    name: Trouble,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const { prompt, streamed } = await readRequest(incoming)
    const fault = faultFor(name)
    const text = chaosAnswer(prompt)
    if (prompt !== '' && broken.has(prompt)) repeated.push(prompt)
    if (fault !== null) {
      injected[fault] += 1
      const request = { text, streamed: prompt !== '' && streamed, random }
      sendFault(response, fault, request, () => broken.add(prompt))
      // A server in trouble that nobody asks any more would stay so for ever.
      answered()
      return
    }
    if (random() < 0.05) {
      injected.latency += 1
      await new Promise((resolve) => setTimeout(resolve, random() * 30))
    }
    const sliced = random() < 0.2
    if (sliced) injected.sliced += 1
    await sendAnswer(response, { text, streamed, sliced }, random)
    answered()
  }
  const start = async (name: Trouble): Promise<Server> => {
    const server = createServer((incoming, response) => {
      open.add(response)
      response.once('close', () => open.delete(response))
      answer(name, incoming, response).catch(() => response.destroy())
    })
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const north = await start('north')
  const south = await start('south')

  return {
    baseUrls: [urlOf(north), urlOf(south)],
    injected,
    broken,
    repeated,
    openRequests: () => open.size,
    openSockets: () => sockets.size,
    calm: () => {
      calmForEver = true
    },
    close: async () => {
      for (const server of [north, south]) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
    },
  }
}

/** A probe has no body, and no prompt. */
async function readRequest(
  incoming: IncomingMessage,
): Promise<{ readonly prompt: string; readonly streamed: boolean }> {
  let text = ''
  incoming.setEncoding('utf8')
  for await (const piece of incoming) text += piece as string
  if (text === '') return { prompt: '', streamed: false }
  const body = JSON.parse(text) as { messages: { content: string }[]; stream?: boolean }
  return { prompt: body.messages.at(-1)?.content ?? '', streamed: body.stream === true }
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}
