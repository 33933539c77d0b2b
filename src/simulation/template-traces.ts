/** Runs of this many words are taken as the mark of a template. */
const wordsPerTrace = 4

/**
 * Every run of four words of the templates' own text: words between slots, so that no value of a
 * slot is part of it.
 */
export function tracesOf(templates: readonly string[]): ReadonlySet<string> {
  return new Set(templates.flatMap((template) => template.split(/\{\w+\}/).flatMap(wordRuns)))
}

/** The traces that occur in a text. */
export function tracesIn(text: string, traces: ReadonlySet<string>): readonly string[] {
  return wordRuns(text).filter((run) => traces.has(run))
}

function wordRuns(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []
  const runs: string[] = []
  for (let start = 0; start + wordsPerTrace <= words.length; start += 1) {
    runs.push(words.slice(start, start + wordsPerTrace).join(' '))
  }
  return runs
}
