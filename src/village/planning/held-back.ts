import type { ChatEvent, ModelAnswer } from '../../kernel/chat.ts'
import type { Weighed } from '../../kernel/decision.ts'
import type { AnswerFeatures } from './answer-features.ts'
import { SeenBeginning, seenWhole } from './seen-answer.ts'
import type { SeenAnswer } from './seen-answer.ts'

/** What came of judging a local answer before any of it left. */
export type AnswerVerdict = {
  readonly leaves: boolean
  /** One sentence for the user. */
  readonly reason: string
  /** Probability of a loss in [0, 1]. */
  readonly complexity: number
  /** What moved that most. */
  readonly weighed: readonly Weighed[]
  /** By which a certificate scores its label; null for other policies. */
  readonly features: AnswerFeatures | null
}

/** How a local answer is looked at on its way out. */
export type AnswerWatch = {
  /** Of a streamed answer, so many tokens are seen; where it is judged, they are held back. */
  readonly beginningTokens: number
  /** Null where the answer leaves as it comes. */
  readonly judge: ((seen: SeenAnswer, signal: AbortSignal) => Promise<AnswerVerdict>) | null
}

export type Watched = { readonly seen: SeenAnswer; readonly verdict: AnswerVerdict | null }

/** The local answer does not leave: another model is to answer. */
export class HandedOver extends Error {
  override readonly name = 'HandedOver'
  readonly verdict: AnswerVerdict
  readonly seen: SeenAnswer
  /** The rejected answer when it is finished; null when it broke off. Never rejects. */
  readonly whole: Promise<ModelAnswer | null>

  constructor(verdict: AnswerVerdict, seen: SeenAnswer, whole: Promise<ModelAnswer | null>) {
    super(verdict.reason)
    this.verdict = verdict
    this.seen = seen
    this.whole = whole
  }
}

/** Throws `HandedOver` when the answer must not leave. */
export async function judgeWhole(
  answer: ModelAnswer,
  watch: AnswerWatch,
  signal: AbortSignal,
): Promise<Watched> {
  const seen = seenWhole(answer)
  const verdict = (await watch.judge?.(seen, signal)) ?? null
  if (verdict?.leaves === false) throw new HandedOver(verdict, seen, Promise.resolve(answer))
  return { seen, verdict }
}

/**
 * Passes a stream on; where it is judged, only once its beginning was found good, all of that at
 * once. Throws `HandedOver` before the first event otherwise, and goes on reading in the background.
 */
export async function* watchStream(
  events: AsyncIterable<ChatEvent>,
  watch: AnswerWatch,
  options: { readonly signal: AbortSignal; onSeen(watched: Watched): void },
): AsyncGenerator<ChatEvent> {
  const iterator = events[Symbol.asyncIterator]()
  const beginning = new SeenBeginning(watch.beginningTokens)
  const held: ChatEvent[] = []
  let isOpen = watch.judge === null
  let isRead = true
  try {
    for (;;) {
      const next = await iterator.next()
      if (next.done === true) break
      const wasSeen = beginning.seen !== null
      beginning.add(next.value)
      const { seen } = beginning
      if (seen !== null && !wasSeen) {
        const verdict = (await watch.judge?.(seen, options.signal)) ?? null
        if (verdict?.leaves === false) {
          isRead = false
          throw new HandedOver(verdict, seen, restOf(iterator, next.value))
        }
        options.onSeen({ seen, verdict })
        isOpen = true
        yield* held.splice(0)
      }
      if (isOpen) yield next.value
      else held.push(next.value)
    }
    yield* held
  } finally {
    if (isRead) await iterator.return?.(undefined)
  }
}

/** The frontier answers meanwhile: a local answer that breaks off now is no one's failure. */
async function restOf(
  iterator: AsyncIterator<ChatEvent>,
  last: ChatEvent,
): Promise<ModelAnswer | null> {
  try {
    let event = last
    while (event.type !== 'finish') {
      const next = await iterator.next()
      if (next.done === true) return null
      event = next.value
    }
    return event.answer
  } catch {
    return null
  }
}
