const quotes: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['“', '”'],
  ['`', '`'],
]

/**
 * What two answers may differ in and still be the same: line ends, spaces at line ends, the form
 * of composed characters and, in an answer of one line, one full stop or pair of quotes around it.
 */
export function normaliseAnswer(answer: string): string {
  const text = answer
    .normalize('NFC')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[ \t]+$/gm, '')
    .trim()
  if (text.includes('\n')) return text
  return withoutFullStop(withoutQuotes(withoutFullStop(text)))
}

function withoutFullStop(text: string): string {
  return /[^.\s]\.$/.test(text) ? text.slice(0, -1) : text
}

function withoutQuotes(text: string): string {
  const isQuoted = quotes.some(
    ([open, close]) =>
      text.length > 2 &&
      text.startsWith(open) &&
      text.indexOf(open, 1) === (open === close ? text.length - 1 : -1) &&
      text.indexOf(close, 1) === text.length - 1,
  )
  return isQuoted ? text.slice(1, -1).trim() : text
}
