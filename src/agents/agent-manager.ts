import { agentNames, isAgentName } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import { lastUserText } from '../kernel/chat.ts'
import type { ChatMessage } from '../kernel/chat.ts'
import { NotReadyError } from '../kernel/errors.ts'
import type { Agent } from './agent.ts'
import type { AgentSettings, AgentsSettings } from './default-settings.ts'
import { KingAgent } from './king-agent.ts'
import { MagiAgent } from './magi-agent.ts'
import { SageAgent } from './sage-agent.ts'

type AgentsByName = { readonly king: KingAgent; readonly sage: SageAgent; readonly magi: MagiAgent }

/** Creates the three agents, changes their settings, and says whom a request belongs to. */
export class AgentManager {
  #agents: AgentsByName
  #closed = false

  constructor(settings: AgentsSettings) {
    this.#agents = createAgents(settings)
  }

  /** The public names that stand for agents: `village` lets King choose. */
  static readonly modelNames: readonly string[] = [
    'village',
    ...agentNames.map((name) => `village/${name}`),
  ]

  agent<Name extends AgentName>(name: Name): AgentsByName[Name] {
    if (this.#closed) throw new NotReadyError('The village is stopping: its agents take no tasks.')
    return this.#agents[name]
  }

  all(): readonly Agent[] {
    return agentNames.map((name) => this.agent(name))
  }

  /** Undefined for names that are no agent's, such as a frontier slug or `local/<name>`. */
  agentFor(requestedModel: string, messages: readonly ChatMessage[]): Agent | undefined {
    if (requestedModel === 'village') {
      return this.agent(this.agent('king').chooseAgent(lastUserText(messages)))
    }
    if (!requestedModel.startsWith('village/')) return undefined
    const name = requestedModel.slice('village/'.length)
    return isAgentName(name) ? this.agent(name) : undefined
  }

  /** Requests under way keep the agent that they got. */
  configure(name: AgentName, change: Partial<AgentSettings>): void {
    const settings = { ...this.#agents[name].settings, ...change }
    this.#agents = createAgents({ ...this.settings(), [name]: settings })
  }

  settings(): AgentsSettings {
    const { king, sage, magi } = this.#agents
    return { king: king.settings, sage: sage.settings, magi: magi.settings }
  }

  /** Later requests are refused with `NotReadyError`. */
  close(): void {
    this.#closed = true
  }
}

function createAgents(settings: AgentsSettings): AgentsByName {
  return {
    king: new KingAgent(settings.king),
    sage: new SageAgent(settings.sage),
    magi: new MagiAgent(settings.magi),
  }
}
