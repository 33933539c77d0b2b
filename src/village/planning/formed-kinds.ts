import type { AgentName } from '../../kernel/agent-name.ts'
import type { ChatRequest } from '../../kernel/chat.ts'
import { responseFormatOf } from '../../kernel/response-format.ts'
import type { TaskFeatures } from '../../routing/features.ts'
import { TaskKinds } from '../../routing/task-kinds.ts'
import type { AssignedKind, TaskKindsSnapshot } from '../../routing/task-kinds.ts'

type Renamed = NonNullable<AssignedKind['merged']>

/** Ends the name of a kind whose answers are held to JSON. */
const heldToJson = '+json'

/**
 * Kinds of tasks, each of them twice: an answer that is held to JSON says nothing of one that is not,
 * however alike the questions are.
 */
export class FormedKinds {
  readonly #kinds = new TaskKinds()

  /** The kind of a task, and what is one kind from now on. */
  assign(
    agent: AgentName,
    features: TaskFeatures,
    { extra }: ChatRequest,
  ): { readonly name: string; readonly merged: readonly Renamed[] } {
    const { name, merged } = this.#kinds.assign(agent, features)
    const form = responseFormatOf(extra) === null ? '' : heldToJson
    if (merged === null) return { name: name + form, merged: [] }
    const { from, into } = merged
    const formed = { from: from + heldToJson, into: into + heldToJson }
    return { name: name + form, merged: [merged, formed] }
  }

  /** As `TaskKinds`; a task stays in the form that its kind says. */
  nearestName(agent: AgentName, features: TaskFeatures, otherwise: string): string {
    return inForm(otherwise, (name) => this.#kinds.nearestName(agent, features, name))
  }

  currentName(agent: AgentName, name: string): string {
    return inForm(name, (plain) => this.#kinds.currentName(agent, plain))
  }

  snapshot(): TaskKindsSnapshot {
    return this.#kinds.snapshot()
  }

  restore(snapshot: TaskKindsSnapshot): boolean {
    return this.#kinds.restore(snapshot)
  }
}

function inForm(name: string, rename: (plain: string) => string): string {
  return name.endsWith(heldToJson)
    ? rename(name.slice(0, -heldToJson.length)) + heldToJson
    : rename(name)
}
