import type { JsonObject, JsonValue } from '../kernel/json.ts'
import { invalidRequest } from './api-error.ts'
import { RequestProblem } from './request-problem.ts'

/** Deeper values could not be written back as JSON without running out of stack. */
const maxDepth = 100

/**
 * The fields that are not `known`, for the provider, untouched; null for none.
 * `Object.fromEntries` also takes a field named `__proto__` as the plain field that it is in JSON.
 */
export function keepOthers(
  fields: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  path = '',
): JsonObject | null {
  let others: [string, JsonValue][] | null = null
  for (const name of Object.keys(fields)) {
    if (known.has(name)) continue
    const value = fields[name]
    if (value === undefined) continue
    others ??= []
    others.push([name, shallow(value, `${path}${name}`)])
  }
  return others === null ? null : Object.fromEntries(others)
}

/** The value as it is; refuses one that is nested too deeply to be written back. */
export function shallow(value: unknown, path: string): JsonValue {
  if (isDeeperThan(value, maxDepth)) refuseShape(path, 'nested too deeply')
  return value as JsonValue
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth === 0) return true
  return Object.values(value).some((inner) => isDeeperThan(inner, depth - 1))
}

/** Refuses a field that does not have the shape that it must have. */
export function refuseShape(param: string, problem: string): never {
  throw new RequestProblem(
    invalidRequest(`"${param}" has the wrong shape: ${problem}.`, { param, code: 'invalid_shape' }),
  )
}

/** Refuses what the wire knows and this village does not do. */
export function refuseUnsupported(param: string, message: string): never {
  throw new RequestProblem(invalidRequest(message, { param, code: 'unsupported' }))
}
