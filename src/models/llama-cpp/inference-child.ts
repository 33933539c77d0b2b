import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { TokenConfidence } from '../../kernel/chat.ts'
import { FromProcess, type FailureKind, type ToProcess } from './protocol.ts'

/** A message without its number, which the sender adds. */
export type Order = DistributiveOmit<Exclude<ToProcess, { type: 'abort' }>, 'call'>
type DistributiveOmit<T, Name extends PropertyKey> = T extends unknown ? Omit<T, Name> : never

export type Reply = Exclude<FromProcess, { type: 'failed' | 'text' }>

/** The process said that it could not do what it was asked. */
export class OrderFailed extends Error {
  override readonly name = 'OrderFailed'
  readonly kind: FailureKind

  constructor(kind: FailureKind, message: string) {
    super(message)
    this.kind = kind
  }
}

/** The process ended before it replied. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded'
}

type OnText = (text: string, confidence: TokenConfidence) => void

export type InferenceChild = {
  readonly pid: number
  /** Rejects with `OrderFailed`, `ProcessEnded` or the signal's reason. */
  order(
    order: Order,
    options?: { readonly signal?: AbortSignal; readonly onText?: OnText },
  ): Promise<Reply>
  /** Resolves with the reason when the process has ended. */
  readonly ended: Promise<string>
  kill(): Promise<void>
}

type Pending = {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
  readonly onText: OnText | undefined
}

/** Lines of the process's own error output that are kept for the reason of its end. */
const keptErrorCharacters = 2000

/** Starts the inference process under this Node, with a lower priority than the gateway. */
export function startInferenceChild(niceness: number): InferenceChild {
  const child = fork(fileURLToPath(new URL('./inference-process.ts', import.meta.url)), [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  lowerPriority(child, niceness)
  const pending = new Map<number, Pending>()
  let calls = 0
  let errorOutput = ''
  let endReason: string | undefined
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    errorOutput = (errorOutput + text).slice(-keptErrorCharacters)
  })

  const { promise: ended, resolve: announceEnd } = Promise.withResolvers<string>()
  const end = (reason: string): void => {
    if (endReason !== undefined) return
    endReason = errorOutput.trim() === '' ? reason : `${reason}: ${errorOutput.trim()}`
    for (const { reject } of pending.values()) reject(new ProcessEnded(endReason))
    pending.clear()
    announceEnd(endReason)
  }
  child.on('message', (received) => {
    const parsed = FromProcess.safeParse(received)
    if (!parsed.success) {
      // It speaks another language than we do: nothing that it says can be relied on.
      end('the inference process sent a message that cannot be read')
      child.kill('SIGKILL')
      return
    }
    const message = parsed.data
    const call = pending.get(message.call)
    if (call === undefined) return
    if (message.type === 'text') {
      call.onText?.(message.text, message.confidence)
      return
    }
    pending.delete(message.call)
    if (message.type === 'failed') call.reject(new OrderFailed(message.kind, message.message))
    else call.resolve(message)
  })
  child.on('error', (error) => end(`the inference process failed: ${error.message}`))
  child.on('exit', (code, signal) =>
    end(`the inference process ended with ${signal ?? `code ${code}`}`),
  )

  return {
    pid: child.pid ?? -1,
    ended,
    order: (order, { signal, onText } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error)
          return
        }
        if (endReason !== undefined) {
          reject(new ProcessEnded(endReason))
          return
        }
        calls += 1
        const call = calls
        const onAbort = (): void => {
          if (!pending.delete(call)) return
          if (endReason === undefined)
            child.send({ type: 'abort', call } satisfies ToProcess, ignore)
          reject(signal?.reason as Error)
        }
        const forget = (): void => signal?.removeEventListener('abort', onAbort)
        pending.set(call, {
          resolve: (reply) => {
            forget()
            resolve(reply)
          },
          reject: (error) => {
            forget()
            reject(error)
          },
          onText,
        })
        signal?.addEventListener('abort', onAbort, { once: true })
        // A failure to send means that the process is gone; its exit rejects the call.
        child.send({ ...order, call } satisfies ToProcess, ignore)
      }),
    kill: async () => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

function lowerPriority(child: ChildProcess, niceness: number): void {
  if (child.pid === undefined) return
  try {
    setPriority(child.pid, niceness)
  } catch {
    // Some systems do not let us; the village works without it.
  }
}

function ignore(): void {
  // See the caller.
}
