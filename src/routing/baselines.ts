import type { ChatMessage } from '../kernel/chat.ts'
import { lastUserText } from '../kernel/chat.ts'
import type { Random } from '../kernel/random.ts'

/** A difficulty in [0, 1] for comparison with the evaluator's. */
export type BaselineRouter = (messages: readonly ChatMessage[]) => number

export function randomBaseline(random: Random): BaselineRouter {
  return () => random()
}

/** Longer prompts are harder; 2,000 characters are halfway. */
export const lengthBaseline: BaselineRouter = (messages) => {
  const characters = lastUserText(messages).length
  return characters / (characters + 2000)
}
