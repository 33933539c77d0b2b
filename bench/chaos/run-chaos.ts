import { chaosAnswer } from './chaos-faults.ts'
import type { ChaoticReplicas } from './chaotic-replicas.ts'

/** What a client has of one request. */
export type ChaosReply = {
  readonly text: string
  /** Null when the answer is whole. */
  readonly error: Error | null
}

export type ChaosOptions = {
  readonly replicas: ChaoticReplicas
  readonly requests: number
  readonly concurrency: number
  /** Asks the gateway as a client would; never rejects. */
  ask(prompt: string, streamed: boolean, signal: AbortSignal): Promise<ChaosReply>
  onProgress?(done: number): void
}

export type ChaosReport = {
  readonly answered: number
  /** Streams that broke after their first word: the client was told, and the call not repeated. */
  readonly brokenAndTold: number
  /** Failures that another replica could have kept from the client: must be 0. */
  readonly failures: readonly string[]
  /** Answers that were not what was asked for, empty successes among them: must be 0. */
  readonly wrong: readonly string[]
  readonly hung: number
  readonly slowestMs: number
}

const longestRequestMs = 30_000

/** Sends requests, half of them streamed, and compares every answer with what it must be. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { replicas, requests, concurrency } = options
  const failures: string[] = []
  const wrong: string[] = []
  let answered = 0
  let brokenAndTold = 0
  let hung = 0
  let slowestMs = 0
  let next = 0

  const send = async (index: number): Promise<void> => {
    const prompt = `request ${index}`
    const streamed = index % 2 === 0
    const startedAt = performance.now()
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(new Error('hung')), longestRequestMs)
    const { text, error } = await options.ask(prompt, streamed, deadline.signal)
    clearTimeout(timer)
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
    const whole = chaosAnswer(prompt)
    if (deadline.signal.aborted) hung += 1
    else if (error === null && text === whole) answered += 1
    else if (error === null) wrong.push(`${prompt}: ${text}`)
    else if (streamed && replicas.broken.has(prompt) && text !== '' && whole.startsWith(text)) {
      brokenAndTold += 1
    } else failures.push(`${prompt}${streamed ? ' (streamed)' : ''}: ${String(error)}`)
    options.onProgress?.(index + 1)
  }
  const work = async (): Promise<void> => {
    while (next < requests) {
      const index = next
      next += 1
      await send(index)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return { answered, brokenAndTold, failures, wrong, hung, slowestMs }
}

/** Waits until a count falls to 0, for at most `longestMs`; returns what is left of it. */
export async function leftAfter(count: () => number, longestMs: number): Promise<number> {
  const until = performance.now() + longestMs
  while (count() > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return count()
}
