import { pick, seededRandom } from '../../src/kernel/random.ts'
import type { Random } from '../../src/kernel/random.ts'
import type { Intent } from './intent.ts'

export type PosedQuestion = {
  readonly text: string
  /** Equal for two questions exactly when one answer does for both. */
  readonly meaning: string
}

const openings = ['', '', '', '', 'Hi. ', 'Hello! ', 'Quick question: ', 'Sorry to ask again. ']
const endings = ['', '', '', '', ' Thanks!', ' Thank you.', ' Be brief.']

/**
 * Questions as a busy help desk gets them: few are asked often, many seldom (Zipf), each time in one
 * of the intent's wordings and with or without a word of greeting. Seeded.
 */
export function* paraphraseTraffic(
  intents: readonly Intent[],
  seed: number,
): Generator<PosedQuestion> {
  const random = seededRandom(seed)
  const questions = shuffled(intents.flatMap(filledIn), random)
  const weights = questions.map((_, rank) => 1 / (rank + 1))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  for (;;) {
    const { intent, values, meaning } = questions[drawn(weights, random() * total)] as Question
    const wording = pick(intent.wordings, random)
    const filled = wording.replaceAll(/\{(\w+)\}/g, (_, slot: string) => values[slot] ?? slot)
    const text = `${pick(openings, random)}${filled}${pick(endings, random)}`
    yield { text: sentence(text), meaning }
  }
}

type Question = {
  readonly intent: Intent
  readonly values: Readonly<Record<string, string>>
  readonly meaning: string
}

/** Every combination of the intent's values. */
function filledIn(intent: Intent): readonly Question[] {
  let combinations: Readonly<Record<string, string>>[] = [{}]
  for (const [slot, values] of Object.entries(intent.slots)) {
    combinations = combinations.flatMap((before) =>
      values.map((value) => Object.assign({ [slot]: value }, before)),
    )
  }
  return combinations.map((values) => ({
    intent,
    values,
    meaning: [intent.name, ...Object.values(values)].join('|'),
  }))
}

function drawn(weights: readonly number[], at: number): number {
  let sum = 0
  const index = weights.findIndex((weight) => (sum += weight) > at)
  return index === -1 ? weights.length - 1 : index
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
