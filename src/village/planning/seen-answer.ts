import type { ChatEvent, ModelAnswer } from '../../kernel/chat.ts'

/** What is known of a local answer when it is decided whether it may leave. */
export type SeenAnswer = {
  readonly text: string
  /** False for the beginning of a streamed answer. */
  readonly isWhole: boolean
  /** True where the limit of tokens ended it. */
  readonly isCutOff: boolean
  /** Per token, ≤ 0; null where the model does not say. */
  readonly meanLogProbability: number | null
  readonly leastLogProbability: number | null
}

const charactersPerToken = 4

export function seenWhole(answer: ModelAnswer): SeenAnswer {
  return {
    text: answer.text,
    isWhole: true,
    isCutOff: answer.finishReason === 'length',
    meanLogProbability: answer.meanLogProbability ?? null,
    leastLogProbability: answer.leastLogProbability ?? null,
  }
}

/** The first tokens of a streamed answer, or all of them where it is shorter. */
export class SeenBeginning {
  readonly #mostTokens: number
  #seen: SeenAnswer | null = null
  #text = ''
  #tokens = 0
  #told = 0
  #logProbability = 0
  #leastLogProbability = 0

  constructor(mostTokens: number) {
    this.#mostTokens = mostTokens
  }

  /** What is judged, once there is enough of it; it does not change after that. */
  get seen(): SeenAnswer | null {
    return this.#seen
  }

  add(event: ChatEvent): void {
    if (this.#seen !== null) return
    if (event.type === 'finish') this.#seen = seenWhole(event.answer)
    if (event.type !== 'text') return
    const { text, confidence } = event
    this.#text += text
    // Servers that say nothing of their tokens: as many as such a text has on average.
    this.#tokens += confidence?.tokens ?? text.length / charactersPerToken
    this.#told += confidence?.tokens ?? 0
    this.#logProbability += confidence?.logProbability ?? 0
    this.#leastLogProbability = Math.min(
      this.#leastLogProbability,
      confidence?.leastLogProbability ?? 0,
    )
    if (this.#tokens >= this.#mostTokens) this.#seen = this.#beginning()
  }

  #beginning(): SeenAnswer {
    const isTold = this.#told > 0
    return {
      text: this.#text,
      isWhole: false,
      isCutOff: false,
      meanLogProbability: isTold ? this.#logProbability / this.#told : null,
      leastLogProbability: isTold ? this.#leastLogProbability : null,
    }
  }
}
