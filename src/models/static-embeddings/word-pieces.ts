/** The number of each piece of a text in the vocabulary; what the vocabulary cannot spell is left out. */
export type WordPieces = (text: string) => readonly number[]

const longestWord = 100
/** Whole words are looked up once; this bounds the memory of what was found. */
const rememberedWords = 20_000
/** A run of letters, digits and the like; or one mark, symbol of ASCII, or character of Chinese script. */
const words =
  /[\p{P}$+<=>^`|~]|[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2fa1f}]|[^\s\p{P}\p{C}$+<=>^`|~\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2fa1f}]+/gu

/**
 * The tokenizer of BERT's lower-cased models: accents are dropped, words cut at punctuation, and
 * each word spelt by the longest pieces from its left (WordPiece; Devlin et al., 2019).
 */
export function wordPieces(vocabulary: readonly string[]): WordPieces {
  const numbers = new Map(vocabulary.map((piece, at) => [piece, at]))
  const known = new Map<string, readonly number[]>()
  const piecesOf = (word: string): readonly number[] => {
    const before = known.get(word)
    if (before !== undefined) return before
    const spelt = spell(word, numbers)
    if (known.size >= rememberedWords) known.clear()
    known.set(word, spelt)
    return spelt
  }
  return (text) => (plain(text).match(words) ?? []).flatMap(piecesOf)
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
}

function spell(word: string, numbers: ReadonlyMap<string, number>): readonly number[] {
  if (word.length > longestWord) return []
  const found: number[] = []
  let start = 0
  while (start < word.length) {
    let end = word.length
    let number: number | undefined
    for (; end > start; end -= 1) {
      number = numbers.get((start === 0 ? '' : '##') + word.slice(start, end))
      if (number !== undefined) break
    }
    if (number === undefined) return []
    found.push(number)
    start = end
  }
  return found
}
