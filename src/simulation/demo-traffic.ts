import type { VillageService } from '../village/village-service.ts'
import type { Traffic } from './traffic.ts'

export type DemoTrafficOptions = {
  readonly service: Pick<VillageService, 'answer'>
  readonly traffic: Traffic
  readonly signal: AbortSignal
  /** Tasks sent at once; the next ones follow as these are answered. */
  readonly concurrency: number
  /** How long a sender that has just been answered is to rest, asked again as time goes by. */
  pauseMs(): number
  /** Called before each task. */
  onTask(): void
  sleep(durationMs: number, signal: AbortSignal): Promise<void>
  onError(error: unknown): void
}

const pauseStepMs = 250

/** Sends simulated tasks to a running village until the signal aborts. */
export async function sendDemoTraffic(options: DemoTrafficOptions): Promise<void> {
  const sender = async (): Promise<void> => {
    while (!options.signal.aborted) {
      options.onTask()
      await answerOne(options)
      await pause(options)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, sender))
}

async function pause(options: DemoTrafficOptions): Promise<void> {
  const { signal } = options
  for (let restedMs = 0; restedMs < options.pauseMs() && !signal.aborted; restedMs += pauseStepMs) {
    await options.sleep(pauseStepMs, signal).catch(() => undefined)
  }
}

async function answerOne(options: DemoTrafficOptions): Promise<void> {
  const task = options.traffic.next()
  try {
    await options.service.answer(
      {
        request: task.request,
        requestedModel: task.requestedModel,
        ...(task.verifier === undefined ? {} : { verifier: task.verifier }),
        streamed: false,
      },
      { signal: options.signal },
    )
  } catch (error) {
    if (!options.signal.aborted) options.onError(error)
  }
}
