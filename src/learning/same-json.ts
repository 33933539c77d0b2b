import type { JsonValue } from '../kernel/json.ts'

/** An object or an array, bare or as the only thing in a markdown fence; undefined otherwise. */
export function parseJsonAnswer(answer: string): JsonValue | undefined {
  const text = withoutFence(answer.trim())
  if (!/^[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

function withoutFence(text: string): string {
  return (/^```[^\n`]*\r?\n([\s\S]*?)\r?\n?```$/.exec(text)?.[1] ?? text).trim()
}

/** Key order and spacing do not count; strings are compared in their composed form. */
export function equalJson(left: JsonValue, right: JsonValue): boolean {
  if (typeof left === 'string' && typeof right === 'string') {
    return left.normalize('NFC') === right.normalize('NFC')
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return left === right
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((value: JsonValue, index) => equalJson(value, right[index] as JsonValue))
    )
  }
  const leftFields = new Map(Object.entries(left))
  const rightFields = Object.entries(right)
  return (
    leftFields.size === rightFields.length &&
    rightFields.every(([key, value]) => {
      const other = leftFields.get(key)
      return other !== undefined && equalJson(other, value)
    })
  )
}
