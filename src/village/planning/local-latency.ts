import type { AgentName } from '../../kernel/agent-name.ts'

type Means = { readonly latencyMs: number; readonly tokens: number }

const step = 0.05

/** What a local answer takes: recent means of each kind of task, and of the agent until there are. */
export class LocalLatency {
  readonly #byKind = new Map<string, Means>()
  readonly #byAgent = new Map<AgentName, Means>()
  readonly #msPerToken: number | null

  /** With `msPerToken` the speed is taken as given, so that nothing depends on this machine's. */
  constructor(options: { readonly msPerToken: number | null }) {
    this.#msPerToken = options.msPerToken
  }

  observe(agent: AgentName, kind: string, call: Means): void {
    const tokens = Math.max(1, call.tokens)
    const latencyMs = this.#msPerToken === null ? call.latencyMs : tokens * this.#msPerToken
    const seen = { latencyMs, tokens }
    this.#byKind.set(kind, moved(this.#byKind.get(kind), seen))
    this.#byAgent.set(agent, moved(this.#byAgent.get(agent), seen))
  }

  /** Until so many tokens are there, or all where it is null; Infinity while nothing is known. */
  expectedMs(agent: AgentName, kind: string, mostTokens: number | null): number {
    const means = this.#byKind.get(kind) ?? this.#byAgent.get(agent)
    if (means === undefined) return Number.POSITIVE_INFINITY
    return means.latencyMs * Math.min(1, (mostTokens ?? means.tokens) / means.tokens)
  }
}

function moved(mean: Means | undefined, { latencyMs, tokens }: Means): Means {
  if (mean === undefined) return { latencyMs, tokens }
  return {
    latencyMs: mean.latencyMs + step * (latencyMs - mean.latencyMs),
    tokens: mean.tokens + step * (tokens - mean.tokens),
  }
}
