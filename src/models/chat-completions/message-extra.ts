import type { JsonObject, JsonValue } from '../../kernel/json.ts'
import type { WireMessage } from './wire.ts'

/** What a message or delta carries besides its role and text; undefined when there is nothing. */
export function extraOfMessage(message: WireMessage): JsonObject | undefined {
  let extra: Record<string, JsonValue> | undefined
  for (const name in message) {
    if (name === 'role' || name === 'content') continue
    const value = message[name] as JsonValue | undefined
    if (value === undefined || value === null) continue
    extra ??= {}
    extra[name] = value
  }
  return extra
}

/**
 * Adds a delta of a stream to what came before: strings and lists grow, list items with the
 * same `index` (tool calls) are merged, anything else is replaced.
 */
export function mergeExtra(before: JsonObject | undefined, delta: JsonObject): JsonObject {
  const merged: Record<string, JsonValue> = { ...before }
  for (const [name, value] of Object.entries(delta)) {
    merged[name] = mergeValue(name, merged[name], value)
  }
  return merged
}

/** Fields that name something; a repeated name is the same name, not its continuation. */
const names = new Set(['id', 'type', 'name', 'index', 'role', 'format'])

function mergeValue(name: string, before: JsonValue | undefined, delta: JsonValue): JsonValue {
  if (before === undefined || before === null) return delta
  if (delta === null) return before
  if (typeof before === 'string' && typeof delta === 'string') {
    return names.has(name) ? delta : before + delta
  }
  if (isList(before) && isList(delta)) return mergeLists(before, delta)
  if (isObject(before) && isObject(delta)) return mergeExtra(before, delta)
  return delta
}

function mergeLists(before: readonly JsonValue[], delta: readonly JsonValue[]): JsonValue[] {
  const merged = [...before]
  for (const item of delta) {
    const place = merged.findIndex((known) => indexOf(known) === (indexOf(item) ?? -1))
    const known = merged[place]
    if (isObject(known) && isObject(item)) merged[place] = mergeExtra(known, item)
    else merged.push(item)
  }
  return merged
}

function indexOf(value: JsonValue): number | undefined {
  const index = isObject(value) ? value['index'] : undefined
  return typeof index === 'number' ? index : undefined
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
