import {
  functionWords,
  namesToo,
  negations,
  numberWords,
  openers,
  opposites,
  unitOf,
} from './lexical-words.ts'

/** Named in what is shown of it: another rule needs evidence of its own. */
export const lexicalRule = 'lexical-1'

/**
 * What embeddings hardly see: two questions may be near each other and still ask for different
 * things where a number, a name, a negation, a unit or what stands in quotes differs, or where one
 * word of the same sentence was replaced. Says in a word what differs, or null. Made for English;
 * numbers, quotes, names and identifiers are found in other languages too. It errs towards a
 * difference, which costs a hit and never gives a wrong answer.
 */
export function lexicalDifference(left: string, right: string): string | null {
  const a = markersOf(left)
  const b = markersOf(right)
  if (!haveSameItems(a.numbers, b.numbers)) return 'a number'
  if (!haveSameItems(a.quoted, b.quoted)) return 'a quotation'
  if (!haveSameItems(a.identifiers, b.identifiers)) return 'an identifier'
  if (!haveSameItems(a.units, b.units)) return 'a unit'
  if (a.isNegated !== b.isNegated) return 'a negation'
  if (areOpposed(stemsOf(a.words), stemsOf(b.words))) return 'an opposite'
  const isNamed = (one: Markers, other: Markers): boolean =>
    one.names.every((name) => other.words.has(name))
  if (!isNamed(a, b) || !isNamed(b, a)) return 'a name'
  return isOneWordReplaced(a.words, b.words) ? 'a word' : null
}

type Markers = {
  readonly words: ReadonlySet<string>
  readonly numbers: readonly string[]
  readonly quoted: readonly string[]
  readonly identifiers: readonly string[]
  readonly units: readonly string[]
  readonly names: readonly string[]
  readonly isNegated: boolean
}

const quotation = /"([^"]*)"|“([^”]*)”|`([^`]*)`|«([^»]*)»|(?<![\p{L}\d])'([^']*)'(?![\p{L}\d])/gu
const wordPattern = /[$€£¥%]|°[CF]|[\p{L}\d_@/\\#]+(?:[.'’:+-][\p{L}\d_@/\\#]+)*/gu
/** With a digit, an underscore, a slash, an at sign, an inner dot, or capitals where names have none. */
const identifierPattern =
  /^(?=.*\p{L})(?:.*[\d_/@\\].*|[^.]+\.[^.].*|.*\p{Ll}\p{Lu}.*|\p{Lu}[\p{Lu}.-]+)$/u
const stemmedOpposites = opposites.map(([one, other]) => [stemOf(one), stemOf(other)] as const)
const endsSentence = /(?:^|[.!?:\n]["”')]?)\s*$/u

function markersOf(text: string): Markers {
  const words = new Set<string>()
  const numbers: string[] = []
  const identifiers: string[] = []
  const units: string[] = []
  const names: string[] = []
  let negated = 0
  let before = 0
  for (const match of text.matchAll(wordPattern)) {
    const word = match[0].replace(/['’]s$/u, '')
    const lower = word.toLowerCase().replace('’', "'")
    words.add(lower)
    const number = numberIn(lower)
    if (number !== null) numbers.push(number)
    else if (identifierPattern.test(word)) identifiers.push(lower)
    const unit = unitOf.get(lower)
    if (unit !== undefined) units.push(unit)
    if (negations.has(lower) || lower.endsWith("n't")) negated += 1
    const isFirst = endsSentence.test(text.slice(before, match.index))
    const isOrdinary = isFirst
      ? functionWords.has(lower) || openers.has(lower)
      : functionWords.has(lower) && !namesToo.has(lower)
    if (/^\p{Lu}\p{L}/u.test(word) && number === null && !isOrdinary) names.push(lower)
    before = match.index + match[0].length
  }
  const quoted = [...text.matchAll(quotation)].map((match) => match.slice(1).join('').trim())
  return { words, numbers, quoted, identifiers, units, names, isNegated: negated % 2 === 1 }
}

function numberIn(lower: string): string | null {
  const known = numberWords.get(lower)
  if (known !== undefined) return known
  const ordinal = /^(\d+)(?:st|nd|rd|th)$/.exec(lower)?.[1]
  if (ordinal !== undefined) return `#${ordinal}`
  return /^\d[\d.:/+-]*$/.test(lower) ? lower : null
}

function haveSameItems(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false
  const sorted = right.toSorted()
  return left.toSorted().every((item, at) => item === sorted[at])
}

/** One text uses the one side of a pair alone, the other text the other side alone. */
function areOpposed(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  const isOnly = (here: ReadonlySet<string>, word: string, other: string): boolean =>
    here.has(word) && !here.has(other)
  return stemmedOpposites.some(
    ([one, other]) =>
      (isOnly(left, one, other) && isOnly(right, other, one)) ||
      (isOnly(left, other, one) && isOnly(right, one, other)),
  )
}

/** A template filled with another word looks like this; a paraphrase seldom does. */
function isOneWordReplaced(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  return contentBeyond(left, right) === 1 && contentBeyond(right, left) === 1
}

/** How many words that say something stand in the one text only; an ending makes no other word. */
function contentBeyond(words: ReadonlySet<string>, others: ReadonlySet<string>): number {
  const stems = stemsOf(others)
  return [...words].filter((word) => saysMore(word) && !stems.has(stemOf(word))).length
}

/** Numbers and units are compared by what they mean. */
function saysMore(word: string): boolean {
  return !functionWords.has(word) && !unitOf.has(word) && numberIn(word) === null
}

function stemsOf(words: Iterable<string>): ReadonlySet<string> {
  return new Set([...words].map(stemOf))
}

function stemOf(word: string): string {
  return word.length > 4 ? word.replace(/(?:ing|ed|es|s|e)$/, '') : word
}
