import type { AgentName } from '../../kernel/agent-name.ts'
import { pick } from '../../kernel/random.ts'
import type { Random } from '../../kernel/random.ts'
import type { TaskVerifier } from '../../kernel/task.ts'
import { isSameAnswer } from './answer-equality.ts'
import type { AnswerFormat } from './answer-equality.ts'
import type { Expectation, Family } from './family.ts'
import { createTemplate, readAny } from './template.ts'
import type { Slots } from './template.ts'

export type FamilyDefinition = {
  readonly name: string
  readonly agent: AgentName
  readonly expectation: Expectation
  readonly weight: number
  readonly format: AnswerFormat
  /** The whole prompt, in several natural wordings. */
  readonly phrasings: readonly string[]
  /** Templates that slot values are made of, such as the sentences of a message. */
  readonly innerTemplates?: readonly string[]
  /** Regular expressions of slots that are not just any text. */
  readonly patterns?: Slots
  values(random: Random): Slots
  /** The one right answer to the slots' values, or null when they are not of this family. */
  answer(slots: Slots): string | null
  spoil(answer: string, random: Random): string
  verifier?(slots: Slots, random: Random): TaskVerifier
}

/** A family whose prompts are templates: what fills them also solves them. */
export function createTemplatedFamily(definition: FamilyDefinition): Family {
  const phrasings = definition.phrasings.map((text) => createTemplate(text, definition.patterns))
  return {
    name: definition.name,
    agent: definition.agent,
    expectation: definition.expectation,
    weight: definition.weight,
    templates: [...definition.phrasings, ...(definition.innerTemplates ?? [])],
    make: (random) => {
      const slots = definition.values(random)
      const reference = definition.answer(slots)
      if (reference === null) throw new Error(`${definition.name} cannot solve its own task`)
      const verifier = definition.verifier?.(slots, random)
      return {
        messages: [{ role: 'user', content: pick(phrasings, random).fill(slots) }],
        ...(verifier === undefined ? {} : { verifier }),
        truth: {
          reference,
          isRight: (answer) => isSameAnswer(answer, reference, definition.format),
        },
      }
    },
    solve: (prompt) => {
      const reading = readAny(phrasings, prompt)
      return reading === null ? null : definition.answer(reading.slots)
    },
    spoil: (answer, random) => definition.spoil(answer, random),
  }
}
