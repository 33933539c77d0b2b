import type { AgentManager } from '../../agents/agent-manager.ts'
import type { AgentName } from '../../kernel/agent-name.ts'
import type { ChatMessage } from '../../kernel/chat.ts'
import type { Comparison } from '../../kernel/comparison.ts'
import type { Decision } from '../../kernel/decision.ts'
import { createIds } from '../../kernel/ids.ts'
import type { ModelAdapter } from '../../kernel/model-adapter.ts'
import type { PicoUsdPerToken } from '../../kernel/money.ts'
import { seededRandom } from '../../kernel/random.ts'
import type { HeldOutLabel } from '../../learning/learning-cycle.ts'
import { defaultThresholdSettings, Thresholds } from '../../routing/thresholds.ts'
import { noCascade } from './cascade-settings.ts'
import { CertifiedService } from './certified-service.ts'
import type { FrontierCostEstimate } from '../figures/frontier-cost-estimate.ts'
import { LocalLatency } from './local-latency.ts'
import type { PlannedTask } from './planned-task.ts'
import { SureAnswers } from './sure-answers.ts'
import { TaskRouter } from './task-router.ts'

/** A task as it was recorded: what the client sent, and what was decided then. */
export type RecordedTask = {
  readonly decision: Decision & { readonly agent: AgentName }
  readonly messages: readonly ChatMessage[]
}

export type ReplayedPolicy = 'first-formula' | 'learned' | 'certified'

export type ReplayedRouterOptions = {
  readonly agents: AgentManager
  readonly costs: FrontierCostEstimate
  readonly targetLoss: number
  readonly alpha: number
  readonly delta: number
}

/**
 * The village's own router, led through recorded tasks: it decides each of them anew and learns from
 * the comparisons that were recorded. It has no cascade, for what was seen of the answers is not
 * recorded, and what the gate showed of new weights is known by kind of task alone.
 */
export class ReplayedRouter {
  readonly #router: TaskRouter
  readonly #serving = new Map<AgentName, string | null>()
  #nowMs = 0

  constructor(policy: ReplayedPolicy, options: ReplayedRouterOptions) {
    const { agents, costs, targetLoss, alpha, delta } = options
    const clock = { now: () => this.#nowMs, sleep: () => Promise.resolve() }
    const latency = new LocalLatency({ msPerToken: null })
    this.#router = new TaskRouter({
      agents,
      local: {
        forAgent: () => silentModel,
        workload: () => ({ running: 0, waiting: 0, sequences: 1 }),
      },
      clock,
      ids: createIds(clock, seededRandom(1)),
      random: seededRandom(2),
      policy: policy === 'first-formula' ? policy : 'learned',
      thresholds: new Thresholds({ ...defaultThresholdSettings, targetLoss, delta }),
      sureAnswers: new SureAnswers(noCascade, latency),
      codeRunner: {
        run: () => Promise.reject(new Error('A replay runs no code')),
        close: () => Promise.resolve(),
      },
      // Whatever could be compared was compared: which tasks were, the record says.
      learningAdvice: () => ({ hasCheckpoint: true, auditProbability: 0, askTeacher: false }),
      ...(policy === 'certified' && {
        certified: new CertifiedService({
          alpha,
          delta,
          estimateFrontierCost: (agent, kind) => costs.estimate(agent, kind),
        }),
      }),
    })
  }

  /** Other weights serve from now on; `labels` are what the gate showed of them. */
  promote(agent: AgentName, checkpoint: string | null, labels: readonly HeldOutLabel[] = []): void {
    this.#serving.set(agent, checkpoint)
    this.#router.restart(agent, labels, checkpoint)
  }

  serving(agent: AgentName): string | null {
    return this.#serving.get(agent) ?? null
  }

  plan({ decision, messages }: RecordedTask): PlannedTask {
    this.#nowMs = decision.decidedAtMs
    return this.#router.plan({
      request: { messages: this.#router.clientMessages(decision.agent, messages), sampling: {} },
      requestedModel: `village/${decision.agent}`,
      streamed: false,
    })
  }

  /** A comparison of other weights than those that served then says nothing. */
  async learn(planned: PlannedTask, comparison: Comparison): Promise<void> {
    const { agent } = planned.task
    if (comparison.checkpoint !== this.serving(agent)) return
    this.#router.learn(planned, comparison)
    // As this policy would have come by it: by an audit of what it serves, else by a shadow run.
    const source = planned.plan.route === 'local' ? 'audit' : 'shadow'
    await this.#router.certificates?.certify(planned, { ...comparison, source })
  }
}

const free = { prompt: 0 as PicoUsdPerToken, completion: 0 as PicoUsdPerToken }

/** Stands for the local model where only its description is asked for. */
const silentModel: ModelAdapter = {
  description: {
    id: 'local/replayed',
    kind: 'local',
    contextLength: 2048,
    price: free,
    distillable: 'yes',
    supportedParameters: [],
    inputModalities: ['text'],
    simulated: false,
  },
  answer: () => Promise.reject(new Error('A replay asks no model')),
  stream: () => {
    throw new Error('A replay asks no model')
  },
}
