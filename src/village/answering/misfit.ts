import type { ChatEvent, ModelAnswer } from '../../kernel/chat.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import { HandedOver } from '../planning/held-back.ts'
import type { Watched } from '../planning/held-back.ts'
import type { Candidate } from './serve-with-fallback.ts'

/**
 * Throws where an answer is not what the request asked for: `HandedOver` where it was watched, so
 * that the next model's answer says what it is worth; otherwise `ModelCallError`.
 */
export function refuseMisfit(
  answer: ModelAnswer,
  { adapter, problemOf }: Candidate,
  watched: Watched | null,
): void {
  const problem = problemOf?.(answer) ?? null
  if (problem === null) return
  if (watched === null) {
    throw new ModelCallError(`The answer of ${adapter.description.id} was kept back: ${problem}.`, {
      model: adapter.description.id,
      retryable: false,
    })
  }
  const reason = `Frontier: the local model answered, but ${problem}.`
  const before = watched.verdict
  const complexity = before?.complexity ?? 1
  const misfit = { what: `that ${problem}`, effect: 1 - complexity }
  const verdict = {
    complexity,
    features: before?.features ?? null,
    leaves: false,
    reason,
    weighed: [misfit, ...(before?.weighed ?? [])].slice(0, 3),
  }
  throw new HandedOver(verdict, watched.seen, Promise.resolve(answer))
}

/** Passes a stream on once its answer is whole and `check` did not throw. */
export async function* holdWhole(
  events: AsyncIterable<ChatEvent>,
  check: (answer: ModelAnswer) => void,
): AsyncGenerator<ChatEvent> {
  const held: ChatEvent[] = []
  for await (const event of events) {
    if (event.type === 'finish') check(event.answer)
    held.push(event)
  }
  yield* held
}
