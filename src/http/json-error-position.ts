export type JsonErrorPosition = {
  /** Characters before the first one that cannot stand there; the text's length when it just ends. */
  readonly offset: number
  readonly line: number
  readonly column: number
}

/**
 * Where a text stops being JSON, or null when it is JSON. `JSON.parse` itself gives no position for
 * some errors. One pass, no recursion (RFC 8259).
 */
export function positionOfJsonError(text: string): JsonErrorPosition | null {
  const offset = offsetOfJsonError(text)
  if (offset === null) return null
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return { offset, line: before.split('\n').length, column: offset - lineStart + 1 }
}

type Expectation = 'value' | 'value or end of list' | 'key' | 'key or end of object' | 'separator'

function offsetOfJsonError(text: string): number | null {
  const open: ('{' | '[')[] = []
  let expected: Expectation = 'value'
  let index = 0
  for (;;) {
    index = skipWhitespace(text, index)
    const character = text[index]
    const inside = open.at(-1)
    if (expected === 'separator' && inside === undefined) {
      return character === undefined ? null : index
    }
    if (character === undefined) return index

    if (expected === 'separator') {
      if (character === ',') expected = inside === '{' ? 'key' : 'value'
      else if (character === (inside === '{' ? '}' : ']')) open.pop()
      else return index
      index += 1
    } else if (expected === 'key' || expected === 'key or end of object') {
      if (character === '}' && expected === 'key or end of object') {
        open.pop()
        expected = 'separator'
        index += 1
        continue
      }
      const key = scanString(text, index)
      if (key.failedAt !== null) return key.failedAt
      const colon = skipWhitespace(text, key.end)
      if (text[colon] !== ':') return colon
      index = colon + 1
      expected = 'value'
    } else if (character === ']' && expected === 'value or end of list') {
      open.pop()
      expected = 'separator'
      index += 1
    } else if (character === '{' || character === '[') {
      open.push(character)
      expected = character === '{' ? 'key or end of object' : 'value or end of list'
      index += 1
    } else {
      const scalar = character === '"' ? scanString(text, index) : scanWordOrNumber(text, index)
      if (scalar.failedAt !== null) return scalar.failedAt
      index = scalar.end
      expected = 'separator'
    }
  }
}

type Scan = { readonly end: number; readonly failedAt: number | null }

function skipWhitespace(text: string, from: number): number {
  let index = from
  while (index < text.length && ' \t\n\r'.includes(text.charAt(index))) index += 1
  return index
}

function scanString(text: string, start: number): Scan {
  if (text[start] !== '"') return { end: start, failedAt: start }
  let index = start + 1
  while (index < text.length) {
    const character = text.charAt(index)
    if (character === '"') return { end: index + 1, failedAt: null }
    if (character < ' ') return { end: index, failedAt: index }
    if (character === '\\') {
      const escape = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y
      escape.lastIndex = index + 1
      if (!escape.test(text)) return { end: index, failedAt: index + 1 }
      index = escape.lastIndex
    } else {
      index += 1
    }
  }
  return { end: index, failedAt: index }
}

function scanWordOrNumber(text: string, start: number): Scan {
  const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
  scalar.lastIndex = start
  return scalar.test(text)
    ? { end: scalar.lastIndex, failedAt: null }
    : { end: start, failedAt: start }
}
