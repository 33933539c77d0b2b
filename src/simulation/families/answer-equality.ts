export type AnswerFormat = 'text' | 'json' | 'code'

/** Equal as a reader would judge it: lenient about spaces, fences, JSON's key order and final marks. */
export function isSameAnswer(answer: string, reference: string, format: AnswerFormat): boolean {
  if (format === 'json') return isSameJson(withoutFence(answer), reference)
  if (format === 'code') return normaliseCode(answer) === normaliseCode(reference)
  return normaliseText(answer) === normaliseText(reference)
}

function isSameJson(answer: string, reference: string): boolean {
  const parsed = parseJson(answer)
  return parsed !== undefined && canonicalJson(parsed) === canonicalJson(JSON.parse(reference))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`
}

function withoutFence(text: string): string {
  const fenced = /```\w*\n([\s\S]*?)```/.exec(text)
  return (fenced?.[1] ?? text).trim()
}

/** Outside quotes spaces do not matter; inside they do. */
function normaliseCode(text: string): string {
  const pieces = withoutFence(text)
    .replaceAll('"', "'")
    .split(/('[^']*')/)
  return pieces
    .map((piece, index) =>
      index % 2 === 1
        ? piece
        : piece
            .replace(/\s+/g, ' ')
            .replace(/ ?([^\w$ ]) ?/g, '$1')
            .replaceAll(';}', '}'),
    )
    .join('')
    .replace(/[;\s]+$/, '')
    .trim()
}

function normaliseText(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replace(/\.$/, '').toLowerCase()
}
