/**
 * A question in several wordings, with places for values. Two questions have the same answer when
 * intent and values are the same, and only then. Intents that stand beside each other are meant to be
 * mistaken for one another: they differ in a negation, an opposite or one word.
 */
export type Intent = {
  readonly name: string
  readonly wordings: readonly string[]
  readonly slots: Readonly<Record<string, readonly string[]>>
}
