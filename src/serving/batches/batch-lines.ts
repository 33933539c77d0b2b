import type { BatchProblem } from '../../kernel/batch.ts'
import type { JsonObject } from '../../kernel/json.ts'

/** One request of a batch; `line` counts from 0, blank lines too. */
export type BatchLine = {
  readonly line: number
  readonly customId: string
  readonly body: JsonObject
}

type ReadLine = BatchLine | { readonly problem: BatchProblem }

const mostProblems = 50
const longestCustomId = 512

/** What is wrong with an input file as a whole, and how many requests it holds. */
export async function checkLines(
  lines: AsyncIterable<Buffer>,
  expected: { readonly endpoint: string; readonly maxLines: number },
): Promise<{ readonly total: number; readonly problems: readonly BatchProblem[] }> {
  const problems: BatchProblem[] = []
  const customIds = new Set<string>()
  let total = 0
  for await (const read of readLines(lines, expected.endpoint)) {
    total += 1
    if (total > expected.maxLines) {
      const message = `The file has more than the ${expected.maxLines} requests that one batch may have.`
      problems.push({ code: 'too_many_requests', message, line: null, param: null })
      break
    }
    const problem = 'problem' in read ? read.problem : duplicateOf(read, customIds)
    if (problem !== null) problems.push(problem)
    if (problems.length >= mostProblems) break
  }
  if (total === 0) {
    const message = 'The file holds no requests.'
    problems.push({ code: 'empty_file', message, line: null, param: null })
  }
  return { total, problems }
}

/** The requests of a file that was checked. */
export async function* requestsIn(
  lines: AsyncIterable<Buffer>,
  endpoint: string,
): AsyncGenerator<BatchLine> {
  for await (const read of readLines(lines, endpoint)) {
    if (!('problem' in read)) yield read
  }
}

async function* readLines(
  lines: AsyncIterable<Buffer>,
  endpoint: string,
): AsyncGenerator<ReadLine> {
  let line = -1
  for await (const bytes of lines) {
    line += 1
    if (!isBlank(bytes)) yield readLine(bytes, line, endpoint)
  }
}

function readLine(bytes: Buffer, line: number, endpoint: string): ReadLine {
  const problem = (code: string, message: string, param: string | null = null): ReadLine => ({
    problem: { code, message, line: line + 1, param },
  })
  const value = parse(bytes)
  if (value === undefined) return problem('invalid_json_line', 'This line is not valid JSON.')
  if (!isObject(value)) return problem('invalid_json_line', 'This line is not a JSON object.')
  const { custom_id: customId, method, url, body } = value
  if (typeof customId !== 'string' || customId === '' || customId.length > longestCustomId) {
    const message = `"custom_id" must be a string of 1 to ${longestCustomId} characters.`
    return problem('invalid_custom_id', message, 'custom_id')
  }
  if (method !== 'POST') return problem('invalid_method', '"method" must be "POST".', 'method')
  if (url !== endpoint) {
    return problem('mismatched_endpoint', `"url" must be the batch's "${endpoint}".`, 'url')
  }
  if (!isObject(body)) return problem('invalid_body', '"body" must be an object.', 'body')
  return { line, customId, body }
}

function duplicateOf({ customId, line }: BatchLine, seen: Set<string>): BatchProblem | null {
  if (!seen.has(customId)) {
    seen.add(customId)
    return null
  }
  const message = `The custom_id "${customId}" stands in the file twice.`
  return { code: 'duplicate_custom_id', message, line: line + 1, param: 'custom_id' }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** Spaces, tabs and the carriage return of a line end. */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13)
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
