import { invalidRequest } from './api-error.ts'
import { positionOfJsonError } from './json-error-position.ts'
import { RequestProblem } from './request-problem.ts'

/** Parses a request body; a text that is not JSON is refused with the place where it stops being so. */
export function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RequestProblem(invalidRequest(describeProblem(text), { code: 'malformed_json' }))
  }
}

function describeProblem(text: string): string {
  if (text.trim() === '') return 'The body is empty; it must be a JSON object.'
  const position = positionOfJsonError(text)
  if (position === null) return 'The body is not JSON.'
  const place = `position ${position.offset} (line ${position.line}, column ${position.column})`
  const found = text.slice(position.offset, position.offset + 1)
  return found === ''
    ? `The body is not whole: its JSON ends too early, at ${place}.`
    : `The body is not valid JSON: unexpected ${JSON.stringify(found)} at ${place}.`
}
