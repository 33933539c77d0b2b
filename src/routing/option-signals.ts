export const optionSignalNames = [
  'which option',
  'length of the option',
  'the option stands in the working',
  'options that stand in the working',
  'the option ends the working',
  'words of the option in the working',
] as const

const none = optionSignalNames.map(() => 0)

/**
 * Whether an answer that chose among lettered options worked towards the one that it chose; zeros
 * where the prompt has no options or the result is none of them.
 */
export function optionSignals(
  prompt: string,
  result: string | null,
  working: string,
): readonly number[] {
  const options = optionsOf(prompt)
  const letter = result?.trim().toUpperCase() ?? ''
  const chosen = options.get(letter)
  if (chosen === undefined) return none
  const text = working.toLowerCase()
  const wordsOfWorking = wordsIn(text)
  const words = wordsIn(chosen)
  const lastNumber = text.match(number)?.at(-1)
  const standing = [...options.values()].filter((option) => option !== '' && text.includes(option))
  return [
    1 + letter.charCodeAt(0) - 'A'.charCodeAt(0),
    Math.log1p(chosen.length),
    chosen !== '' && text.includes(chosen) ? 1 : 0,
    standing.length,
    lastNumber !== undefined && chosen.match(number)?.includes(lastNumber) === true ? 1 : 0,
    [...words].filter((word) => wordsOfWorking.has(word)).length / Math.max(1, words.size),
  ]
}

const number = /\d+(?:\.\d+)?/gu

function optionsOf(prompt: string): ReadonlyMap<string, string> {
  const lines = prompt.matchAll(/^\(?([A-J])[.)] ([^\n]*)$/gmu)
  return new Map(
    [...lines].map(([, letter = '', text = '']) => [letter, text.trim().toLowerCase()]),
  )
}

function wordsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/\p{L}{4,}/gu))
}
