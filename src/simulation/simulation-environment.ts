import type { AgentName } from '../kernel/agent-name.ts'
import type { Route } from '../kernel/decision.ts'
import type { VillageService } from '../village/village-service.ts'
import type { SimulatedTask, Traffic } from './traffic.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** One simulated task as it was answered; the truth is known to the simulation alone. */
export type AnsweredTask = {
  readonly task: SimulatedTask
  readonly taskId: string
  readonly agent: AgentName
  readonly route: Route
  readonly right: boolean
}

export type SimulationOptions = {
  readonly service: Pick<VillageService, 'answer'>
  readonly traffic: Traffic
  readonly clock: VirtualClock
  /** Resolves when all that follows from the answers is done, training runs included. */
  readonly settle: () => Promise<void>
  readonly signal: AbortSignal
  /** Tasks that arrive together; decisions within a group do not see each other's results. */
  readonly groupSize?: number
  /** Virtual time between groups. */
  readonly groupIntervalMs?: number
  readonly onProgress?: (answered: readonly AnsweredTask[]) => void
}

const defaultGroupSize = 8
const defaultGroupIntervalMs = 2_000

/**
 * Runs a village on simulated tasks in virtual time: upstream latencies are counted, training is
 * waited for, and nothing depends on how fast the machine is.
 */
export class SimulationEnvironment {
  readonly #options: SimulationOptions
  readonly #answered: AnsweredTask[] = []

  constructor(options: SimulationOptions) {
    this.#options = options
  }

  get answered(): readonly AnsweredTask[] {
    return this.#answered
  }

  /** Sends `tasks` more tasks. Rejects with the signal's reason when it aborts. */
  async run(tasks: number): Promise<void> {
    const { clock, signal, settle, onProgress } = this.#options
    const groupSize = this.#options.groupSize ?? defaultGroupSize
    const intervalMs = this.#options.groupIntervalMs ?? defaultGroupIntervalMs
    for (let sent = 0; sent < tasks; sent += groupSize) {
      signal.throwIfAborted()
      const size = Math.min(groupSize, tasks - sent)
      const startMs = clock.now()
      const group = Array.from({ length: size }, () => this.#options.traffic.next())
      const answering = group.map((task) => clock.run(startMs, () => this.#answer(task)))
      this.#answered.push(...(await Promise.all(answering)))
      await settle()
      clock.advance(intervalMs)
      onProgress?.(this.#answered)
    }
  }

  async #answer(task: SimulatedTask): Promise<AnsweredTask> {
    const { decision, answer } = await this.#options.service.answer(
      {
        request: task.request,
        requestedModel: task.requestedModel,
        ...(task.verifier === undefined ? {} : { verifier: task.verifier }),
        streamed: false,
      },
      { signal: this.#options.signal },
    )
    return {
      task,
      taskId: decision.taskId,
      agent: decision.agent ?? task.agent,
      route: decision.route,
      right: task.truth.isRight(answer.text),
    }
  }
}
