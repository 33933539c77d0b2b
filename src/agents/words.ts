/** Lower-cased words of a text. */
export function wordsIn(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_+#]+/gu) ?? []
}

export function countMatches(text: string, words: ReadonlySet<string>): number {
  let count = 0
  for (const word of wordsIn(text)) if (words.has(word)) count += 1
  return count
}
