import type { AgentName } from '../kernel/agent-name.ts'
import type { ChatMessage } from '../kernel/chat.ts'
import type { Checkpoint, Promotion } from '../kernel/training.ts'
import type { ModelCheckpointer } from './checkpoints.ts'
import type { LearningEvent } from './learning-event.ts'
import type { ServedCheckpoint, ServiceChange } from './served-checkpoint.ts'
import type { ExaminedAnswer } from './gate.ts'
import type { JudgedCandidate } from './train-candidate.ts'

/** What the held-out examination says of weights that came into service. */
export type HeldOutLabel = {
  readonly messages: readonly ChatMessage[]
  readonly kind: string
  readonly goodEnough: boolean
  /** Null where it is not known any more. */
  readonly answer: ExaminedAnswer | null
  /** What the task's own tests said of the answer; null where it has none. */
  readonly testsPassed: boolean | null
}

export type ServiceChanged = {
  readonly agent: AgentName
  readonly promotion: Promotion
  /** Null when the bare student serves, or weights that no run of this village made. */
  readonly checkpoint: Checkpoint | null
  /** Empty when these weights were not examined since the village started. */
  readonly labels: readonly HeldOutLabel[]
}

const rememberedExaminations = 24

/** Carries out changes of what serves: one after the other per agent, and the village is told. */
export class ServiceChanges {
  readonly #checkpointer: ModelCheckpointer
  readonly #onChange: (event: LearningEvent) => void
  readonly #onPromoted: (change: ServiceChanged) => void
  readonly #labels = new Map<string, readonly HeldOutLabel[]>()
  readonly #last = new Map<AgentName, Promise<unknown>>()

  constructor(parts: {
    readonly checkpointer: ModelCheckpointer
    readonly onChange: (event: LearningEvent) => void
    readonly onPromoted: (change: ServiceChanged) => void
  }) {
    this.#checkpointer = parts.checkpointer
    this.#onChange = parts.onChange
    this.#onPromoted = parts.onPromoted
  }

  carryOut(served: ServedCheckpoint, change: ServiceChange): Promise<Promotion> {
    const before = this.#last.get(served.agent) ?? Promise.resolve()
    const changed = before
      .catch(() => undefined)
      .then(async () => {
        const promotion = await served.change(change)
        const checkpoint = change.to === null ? null : await this.#checkpointer.find(change.to.hash)
        const labels = this.#labels.get(keyOf(served.agent, promotion.to)) ?? []
        this.#onChange({ type: 'promotion', promotion })
        this.#onPromoted({ agent: served.agent, promotion, checkpoint, labels })
        return promotion
      })
    this.#last.set(served.agent, changed)
    return changed
  }

  /** Keeps what an examination showed of both its weights, for when they come into service. */
  remember({ report, results, heldOut }: JudgedCandidate): void {
    const examples = new Map(heldOut.map((example) => [example.id, example]))
    const labelsBy = (
      shown: (result: (typeof results)[number]) => Pick<HeldOutLabel, 'goodEnough' | 'answer'>,
    ) =>
      results.flatMap((result): HeldOutLabel[] => {
        const example = examples.get(result.exampleId)
        if (example === undefined) return []
        const { messages, kind, verifier } = example
        const { goodEnough, answer } = shown(result)
        const testsPassed = verifier === null ? null : goodEnough
        return [{ messages, kind, goodEnough, answer, testsPassed }]
      })
    const { agent, serving, candidate } = report
    this.#labels.set(
      keyOf(agent, serving),
      labelsBy(({ servingRight, servingAnswer }) => ({
        goodEnough: servingRight,
        answer: servingAnswer,
      })),
    )
    this.#labels.set(
      keyOf(agent, candidate),
      labelsBy(({ candidateRight, candidateAnswer }) => ({
        goodEnough: candidateRight,
        answer: candidateAnswer,
      })),
    )
    for (const oldest of [...this.#labels.keys()].slice(0, -rememberedExaminations)) {
      this.#labels.delete(oldest)
    }
  }
}

function keyOf(agent: AgentName, checkpoint: string | null): string {
  return `${agent}:${checkpoint ?? 'base'}`
}
