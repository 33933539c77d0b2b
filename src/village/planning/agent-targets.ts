import { agentNames } from '../../kernel/agent-name.ts'
import type { AgentName } from '../../kernel/agent-name.ts'
import type { StateStore } from '../../kernel/stores.ts'
import { isQualityTarget, isSameTarget } from '../../kernel/target.ts'
import type { QualityTarget, Target } from '../../kernel/target.ts'
import { AutoOptimizer } from '../../routing/auto-optimizer.ts'

/** Null where the file says nothing of an agent. */
export type FileTargets = Readonly<Record<AgentName, Target | null>>

/** A target that was set while the village ran, and what the file said then. */
type SetTarget = { readonly target: Target; readonly insteadOf: Target | null }

type State = {
  readonly version: 1
  readonly agents: Readonly<Partial<Record<AgentName, SetTarget>>>
}

export type AgentTargetsParts = {
  readonly states: StateStore
  readonly inFile: FileTargets
  /** Where neither the file nor the operator says something. */
  readonly otherwise: QualityTarget
}

const targetsKey = 'village/targets'

/**
 * What each agent's routing is to reach: the newest of what stands in `village.json` and of what was
 * set by the command line or over HTTP. A file that changes counts as newer.
 */
export class AgentTargets {
  readonly optimizer: AutoOptimizer
  readonly #parts: AgentTargetsParts
  #inFile: FileTargets
  #set: State['agents']
  readonly #listeners: ((agent: AgentName, target: Target) => void)[] = []

  private constructor(parts: AgentTargetsParts, set: State['agents']) {
    this.#parts = parts
    this.#inFile = parts.inFile
    this.#set = set
    this.optimizer = new AutoOptimizer({
      king: this.#resolve('king'),
      sage: this.#resolve('sage'),
      magi: this.#resolve('magi'),
    })
  }

  /** A state of another version counts as none: what stands in the file holds. */
  static async open(parts: AgentTargetsParts): Promise<AgentTargets> {
    const saved = (await parts.states.load(targetsKey)) as State | null
    return new AgentTargets(parts, saved?.version === 1 ? saved.agents : {})
  }

  of(agent: AgentName): Target {
    return this.optimizer.target(agent)
  }

  /** The quality that the agent's local answers are held to by audits; the default's without a bound. */
  quality(agent: AgentName): number {
    const target = this.of(agent)
    return 1 - (isQualityTarget(target) ? target : this.#parts.otherwise).alpha
  }

  /** Called with every target that changes from now on. */
  onChange(listener: (agent: AgentName, target: Target) => void): void {
    this.#listeners.push(listener)
  }

  /** Resolves once a restart would take it up again. */
  async set(agent: AgentName, target: Target): Promise<void> {
    this.#set = { ...this.#set, [agent]: { target, insteadOf: this.#inFile[agent] } }
    const state: State = { version: 1, agents: this.#set }
    await this.#parts.states.save(targetsKey, state)
    this.#take(agent)
  }

  /** `village.json` was read again. */
  takeFile(inFile: FileTargets): void {
    this.#inFile = inFile
    for (const agent of agentNames) this.#take(agent)
  }

  #take(agent: AgentName): void {
    const target = this.#resolve(agent)
    if (isSameTarget(target, this.of(agent))) return
    this.optimizer.setTarget(agent, target)
    for (const listener of this.#listeners) listener(agent, target)
  }

  #resolve(agent: AgentName): Target {
    const set = this.#set[agent]
    const inFile = this.#inFile[agent]
    if (set !== undefined && isSameTarget(set.insteadOf, inFile)) return set.target
    return inFile ?? this.#parts.otherwise
  }
}
