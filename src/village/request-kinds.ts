import type { AgentName } from '../kernel/agent-name.ts'
import type { ChatRequest } from '../kernel/chat.ts'
import { responseFormatOf } from '../kernel/response-format.ts'
import type { ComplexityEvaluator } from '../routing/complexity-evaluator.ts'
import type { TaskFeatures } from '../routing/features.ts'
import { TaskKinds } from '../routing/task-kinds.ts'
import type { TaskKindsSnapshot } from '../routing/task-kinds.ts'

/** An answer that is held to JSON says nothing of one that is not: what is known is kept apart. */
const heldToJson = '+json'

/** The kinds of requests as they are found, and the evidence moved along when two become one. */
export class RequestKinds {
  readonly #found = new TaskKinds()
  readonly #evaluator: ComplexityEvaluator

  constructor(evaluator: ComplexityEvaluator) {
    this.#evaluator = evaluator
  }

  /** The kind of this request, which learns from it. */
  assign(agent: AgentName, request: Pick<ChatRequest, 'extra'>, features: TaskFeatures): string {
    const { name, merged } = this.#found.assign(agent, features)
    if (merged !== null) {
      const { from, into } = merged
      this.#evaluator.mergeKinds(agent, merged)
      this.#evaluator.mergeKinds(agent, { from: from + heldToJson, into: into + heldToJson })
    }
    return responseFormatOf(request.extra) === null ? name : name + heldToJson
  }

  /** What a kind is called now. */
  current(agent: AgentName, kind: string): string {
    return renamed(kind, (found) => this.#found.currentName(agent, found))
  }

  /** The kind that a task of long ago would be put into today. */
  today(agent: AgentName, features: TaskFeatures, kind: string): string {
    return renamed(kind, (found) => this.#found.nearestName(agent, features, found))
  }

  snapshot(): TaskKindsSnapshot {
    return this.#found.snapshot()
  }

  restore(snapshot: TaskKindsSnapshot): boolean {
    return this.#found.restore(snapshot)
  }
}

function renamed(kind: string, rename: (found: string) => string): string {
  return kind.endsWith(heldToJson)
    ? rename(kind.slice(0, -heldToJson.length)) + heldToJson
    : rename(kind)
}
