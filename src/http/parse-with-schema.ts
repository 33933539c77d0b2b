import type { z } from 'zod'
import { invalidRequest } from './api-error.ts'
import { RequestProblem } from './request-problem.ts'

/** The value as the schema reads it; a misfit is refused with the field's path and what was expected. */
export function parseWithSchema<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new RequestProblem(replyOfIssues(result.error.issues))
}

function replyOfIssues(issues: readonly z.core.$ZodIssue[]): ReturnType<typeof invalidRequest> {
  const [first] = issues
  if (first === undefined) return invalidRequest('The body has the wrong shape.')
  const param = nameOfPath(first.path)
  const others = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  const where = param === '' ? 'The body' : `"${param}"`
  return invalidRequest(`${where} has the wrong shape: ${first.message}${others}.`, {
    param: param === '' ? null : param,
    code: 'invalid_shape',
  })
}

/** `["messages", 0, "content"]` becomes `messages[0].content`. */
function nameOfPath(path: readonly PropertyKey[]): string {
  let name = ''
  for (const step of path) {
    if (typeof step === 'number') name += `[${step}]`
    else name += name === '' ? String(step) : `.${String(step)}`
  }
  return name
}
