/** What a task for code demands, in its own words. */
export type CodeRequirements = {
  readonly must: readonly string[]
  readonly should: readonly string[]
  readonly mustNot: readonly string[]
}

/** Sorts the sentences of a task by how strongly they demand something. */
export function requirementsIn(text: string): CodeRequirements {
  const must: string[] = []
  const should: string[] = []
  const mustNot: string[] = []
  for (const sentence of sentencesOf(withoutFences(text))) {
    if (/\b(?:must not|mustn't|do not|don't|never|may not|without|avoid)\b/iu.test(sentence)) {
      mustNot.push(sentence)
    } else if (/\b(?:must|has to|have to|need to|needs to|required|always)\b/iu.test(sentence)) {
      must.push(sentence)
    } else if (/\b(?:should|prefer|preferably|ideally|nice to have)\b/iu.test(sentence)) {
      should.push(sentence)
    }
  }
  return { must, should, mustNot }
}

function withoutFences(text: string): string {
  return text.replace(/```[\s\S]*?(?:```|$)/gu, '\n')
}

function sentencesOf(text: string): readonly string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/u)
    .map((sentence) => sentence.replace(/^\s*(?:[-*•]|\d+[.)])\s+/u, '').trim())
    .filter((sentence) => sentence !== '')
}
