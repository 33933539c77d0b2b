import { agentNames, isAgentName } from '../../kernel/agent-name.ts'
import type { AgentName } from '../../kernel/agent-name.ts'
import { UnknownModelError } from '../../kernel/errors.ts'

export type RequestedModel =
  /** King decides who gets the task. */
  | { readonly type: 'village' }
  | { readonly type: 'agent'; readonly agent: AgentName }
  | { readonly type: 'local'; readonly name: AgentName }
  | { readonly type: 'frontier'; readonly slug: string }

const villageModelNames: readonly string[] = [
  'village',
  ...agentNames.map((agent) => `village/${agent}`),
]

export const localModelNames: readonly string[] = agentNames.map((agent) => `local/${agent}`)

/** Another name of `village`: the best model for the task is chosen. */
const autoName = 'auto'

/** The village's own names in the list of models. */
export const listedNames: readonly string[] = [...villageModelNames, autoName]

/** The name under which the agents know what a client asked for. */
export function agentModelName(name: string): string {
  return name === autoName ? 'village' : name
}

/** Reads the `model` of a request. Anything that is not ours is a slug of the frontier provider. */
export function resolveModel(name: string): RequestedModel {
  if (agentModelName(name) === 'village') return { type: 'village' }
  const [prefix, rest] = splitOnce(name)
  if (prefix === 'village') {
    if (isAgentName(rest)) return { type: 'agent', agent: rest }
    throw new UnknownModelError(name, villageModelNames)
  }
  if (prefix === 'local') {
    if (isAgentName(rest)) return { type: 'local', name: rest }
    throw new UnknownModelError(name, localModelNames)
  }
  return { type: 'frontier', slug: name }
}

function splitOnce(name: string): readonly [string, string] {
  const slash = name.indexOf('/')
  return slash < 0 ? [name, ''] : [name.slice(0, slash), name.slice(slash + 1)]
}
