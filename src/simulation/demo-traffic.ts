import type { VillageService } from '../village/village-service.ts'
import type { Traffic } from './traffic.ts'

export type DemoTrafficOptions = {
  readonly service: Pick<VillageService, 'answer'>
  readonly traffic: Traffic
  readonly signal: AbortSignal
  /** Tasks sent at once; the next ones follow as these are answered. */
  readonly concurrency: number
  /** Pause between tasks of one sender, by the number of tasks sent so far. */
  pauseMs(sent: number): number
  sleep(durationMs: number, signal: AbortSignal): Promise<void>
  onError(error: unknown): void
}

/** Sends simulated tasks to a running village until the signal aborts. */
export async function sendDemoTraffic(options: DemoTrafficOptions): Promise<void> {
  let sent = 0
  const sender = async (): Promise<void> => {
    while (!options.signal.aborted) {
      sent += 1
      await answerOne(options)
      await options.sleep(options.pauseMs(sent), options.signal).catch(() => undefined)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, sender))
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
