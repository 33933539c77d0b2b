import type { ChatMessage } from '../kernel/chat.ts'
import type { CodeRunner } from '../kernel/code-runner.ts'
import type { ComparisonMethod, Verdict } from '../kernel/comparison.ts'
import type { JsonValue } from '../kernel/json.ts'
import type { TaskVerifier } from '../kernel/task.ts'

export type AnswerPair = {
  readonly task: {
    readonly messages: readonly ChatMessage[]
    readonly verifier?: TaskVerifier | null | undefined
  }
  readonly candidate: string
  readonly reference: string
}

export type AnswerComparison = {
  readonly method: Exclude<ComparisonMethod, 'feedback'>
  readonly verdict: Verdict
}

/**
 * Compares two answers to one task. A verifier says of each whether it is right; without one the
 * reference is presumed right, so that different answers count against the candidate.
 */
export async function compareAnswers(
  { task, candidate, reference }: AnswerPair,
  codeRunner: CodeRunner,
): Promise<AnswerComparison> {
  if (task.verifier !== undefined && task.verifier !== null) {
    const [candidateRun, referenceRun] = await Promise.all([
      codeRunner.run(candidate, task.verifier),
      codeRunner.run(reference, task.verifier),
    ])
    return {
      method: 'unit-tests',
      verdict: verdictOf(candidateRun.passed, referenceRun.passed),
    }
  }
  const candidateJson = parseJsonAnswer(candidate)
  const referenceJson = parseJsonAnswer(reference)
  if (candidateJson !== undefined && referenceJson !== undefined) {
    return { method: 'json', verdict: presumed(equalJson(candidateJson, referenceJson)) }
  }
  return {
    method: 'exact',
    verdict: presumed(normaliseAnswer(candidate) === normaliseAnswer(reference)),
  }
}

function presumed(equal: boolean): Verdict {
  return equal ? 'both' : 'reference-only'
}

function verdictOf(candidateRight: boolean, referenceRight: boolean): Verdict {
  if (candidateRight) return referenceRight ? 'both' : 'local-only'
  return referenceRight ? 'reference-only' : 'neither'
}

/** An object or an array, bare or as the only thing in a markdown fence; undefined otherwise. */
function parseJsonAnswer(answer: string): JsonValue | undefined {
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
function equalJson(left: JsonValue, right: JsonValue): boolean {
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
function normaliseAnswer(answer: string): string {
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
