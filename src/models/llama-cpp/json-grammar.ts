import { isJsonObject } from '../../kernel/json.ts'
import type { JsonObject, JsonValue } from '../../kernel/json.ts'
import { responseFormatOf, schemaOfFormat } from '../../kernel/response-format.ts'

/** A schema says something that a grammar of ours cannot hold an answer to. */
export class BeyondGrammar extends Error {
  override readonly name = 'BeyondGrammar'
}

const longestSchema = 16_384
const mostRules = 2000
const mostDepth = 64
/** llama.cpp writes repetitions out, rule by rule. */
const mostRepetitions = 256

/**
 * The grammar (GBNF of llama.cpp) of a response format of the wire. Whatever it lets through fits the
 * schema, `oneOf` excepted, of which it lets through what fits one or more; objects have their
 * declared properties alone, in their order. Throws `BeyondGrammar`, whose message completes "the
 * local model cannot …".
 * https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
 */
export function grammarOfFormat(format: JsonObject): string {
  if (responseFormatOf({ response_format: format }) === null) {
    throw new BeyondGrammar('be held to text')
  }
  const type = format['type']
  if (type === 'json_object') return new Grammar(true).text({ type: 'object' })
  if (type !== 'json_schema') {
    throw new BeyondGrammar(`answer in the format ${JSON.stringify(type ?? null).slice(0, 64)}`)
  }
  const schema = schemaOfFormat(format)
  if (schema === undefined) throw new BeyondGrammar('keep to a schema that is not there')
  const { length } = JSON.stringify(schema)
  if (length > longestSchema) {
    throw new BeyondGrammar(`keep to a schema of ${length} characters`)
  }
  return new Grammar(schema).text(schema)
}

/** They say nothing of what an answer must be. */
const annotations: ReadonlySet<string> = new Set(
  (
    'title description default examples deprecated readOnly writeOnly ' +
    '$schema $id $comment $defs definitions'
  ).split(' '),
)

const basics = [
  'ws ::= (" " | "\\n" [ \\t]{0,20})?',
  'hex ::= [0-9a-fA-F]',
  // No halves of surrogate pairs: each escape is one character, as a schema counts them.
  'char ::= [^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" ([0-9a-cA-CefEF] hex hex hex | [dD] [0-7] hex hex))',
  'string ::= "\\"" char* "\\""',
  'integer ::= "-"? ("0" | [1-9] [0-9]{0,15})',
  'number ::= integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?',
  'boolean ::= "true" | "false"',
  'null ::= "null"',
  'pair ::= string ":" ws value',
  'object ::= "{" ws (pair ("," ws pair)* ws)? "}"',
  'array ::= "[" ws (value ("," ws value)* ws)? "]"',
  'value ::= object | array | string | number | boolean | null',
]

class Grammar {
  readonly #root: JsonValue
  readonly #rules: string[] = []
  readonly #names = new Map<string, string>()
  #depth = 0

  constructor(root: JsonValue) {
    this.#root = root
  }

  text(schema: JsonValue): string {
    const root = this.#of(schema, new Set())
    return [`root ::= ${root}`, ...this.#rules, ...basics].join('\n')
  }

  /** `open` holds the references that were followed since the last character of the answer. */
  #of(schema: JsonValue, open: ReadonlySet<string>): string {
    this.#depth += 1
    if (this.#depth > mostDepth) throw new BeyondGrammar('keep to so deep a schema')
    const rule = this.#ruleOf(schema, open)
    this.#depth -= 1
    return rule
  }

  #ruleOf(schema: JsonValue, open: ReadonlySet<string>): string {
    if (schema === true) return 'value'
    if (!isJsonObject(schema)) {
      throw new BeyondGrammar('keep to a schema that nothing fits')
    }
    const says = Object.keys(schema).filter((name) => !annotations.has(name))
    const only = (...known: readonly string[]): void => refuseOthers(says, known)
    const { $ref: reference, anyOf, oneOf, allOf } = schema
    if (reference !== undefined) {
      only('$ref')
      return this.#referenced(reference, open)
    }
    const choices = anyOf ?? oneOf
    if (choices !== undefined) {
      only(anyOf === undefined ? 'oneOf' : 'anyOf')
      return this.#anyOf(listOf(choices, 'anyOf'), open)
    }
    if (allOf !== undefined) {
      only('allOf')
      const [single, ...others] = listOf(allOf, 'allOf')
      if (single === undefined || others.length > 0) {
        throw new BeyondGrammar('keep to several schemas at once (allOf)')
      }
      return this.#of(single, open)
    }
    if (schema['const'] !== undefined) {
      only('const', 'type')
      return literal(schema['const'])
    }
    if (schema['enum'] !== undefined) {
      only('enum', 'type')
      return group(listOf(schema['enum'], 'enum').map(literal))
    }
    return this.#ofType(schema, says)
  }

  #ofType(schema: JsonObject, says: readonly string[]): string {
    const { type } = schema
    if (type === undefined) {
      if (says.length === 0) return 'value'
      if (says.includes('properties')) return this.#object(schema, says)
      if (says.includes('items')) return this.#array(schema, says)
      throw new BeyondGrammar(
        `keep to "${String(says[0]).slice(0, 64)}" in a schema without a type`,
      )
    }
    if (!Array.isArray(type)) return this.#single(schema, type, says)
    return group(type.map((each: JsonValue) => this.#single(schema, each, says)))
  }

  #single(schema: JsonObject, type: JsonValue, says: readonly string[]): string {
    switch (type) {
      case 'object':
        return this.#object(schema, says)
      case 'array':
        return this.#array(schema, says)
      case 'string':
        return stringRule(schema, says)
      case 'number':
      case 'integer':
      case 'boolean':
      case 'null':
        refuseOthers(says, ['type'])
        return type
      default:
        throw new BeyondGrammar(`keep to the type ${JSON.stringify(type).slice(0, 64)}`)
    }
  }

  #object(schema: JsonObject, says: readonly string[]): string {
    refuseOthers(says, ['type', 'properties', 'required', 'additionalProperties'])
    const { properties = {}, required = [], additionalProperties: others } = schema
    if (!isJsonObject(properties)) {
      throw new BeyondGrammar('keep to "properties" that are no object')
    }
    const declared = Object.entries(properties)
    const needed = new Set(listOf(required, 'required'))
    if ([...needed].some((name) => !Object.hasOwn(properties, name as string))) {
      throw new BeyondGrammar('give required properties that the schema does not describe')
    }
    if (declared.length > 0) {
      if (others !== undefined && others !== false) {
        throw new BeyondGrammar('add properties to those that the schema describes')
      }
      return this.#declared(declared, needed)
    }
    if (others === false) return '"{" ws "}"'
    if (others === undefined || others === true) return 'object'
    const pair = this.#add(`string ":" ws ${this.#of(others, new Set())}`)
    return this.#add(`"{" ws (${pair} ("," ws ${pair})* ws)? "}"`)
  }

  /** One rule for what may follow before the first property is out, and one for after it. */
  #declared(
    declared: readonly (readonly [string, JsonValue])[],
    needed: ReadonlySet<JsonValue>,
  ): string {
    let first = '""'
    let next = '""'
    for (const [name, schema] of declared.toReversed()) {
      const pair = this.#add(`${literal(name)} ":" ws ${this.#of(schema, new Set())}`)
      const begin = `${pair} ${next}`
      const goOn = `"," ws ${pair}`
      const isNeeded = needed.has(name)
      first = this.#add(isNeeded ? begin : `${begin} | ${first}`)
      next = this.#add(isNeeded ? `${goOn} ${next}` : `(${goOn})? ${next}`)
    }
    return this.#add(`"{" ws ${first} ws "}"`)
  }

  #array(schema: JsonObject, says: readonly string[]): string {
    refuseOthers(says, ['type', 'items', 'minItems', 'maxItems'])
    const { items = true } = schema
    const least = countOf(schema, 'minItems') ?? 0
    const most = countOf(schema, 'maxItems')
    if (most === 0 && least === 0) return '"[" ws "]"'
    if (most !== undefined && most < least) throw new BeyondGrammar('give more items than it may')
    const item = this.#add(this.#of(items, new Set()))
    const more = `("," ws ${item}){${Math.max(0, least - 1)},${most === undefined ? '' : most - 1}}`
    return this.#add(`"[" ws (${item} ${more} ws)${least > 0 ? '' : '?'} "]"`)
  }

  #anyOf(choices: readonly JsonValue[], open: ReadonlySet<string>): string {
    return group(choices.map((choice) => this.#of(choice, open)))
  }

  #referenced(reference: JsonValue, open: ReadonlySet<string>): string {
    if (typeof reference !== 'string' || open.has(reference)) {
      throw new BeyondGrammar('keep to a schema that refers to itself')
    }
    const known = this.#names.get(reference)
    if (known !== undefined) return known
    const name = `reference${this.#names.size}`
    this.#names.set(reference, name)
    const target = this.#of(this.#lookUp(reference), new Set([...open, reference]))
    this.#push(`${name} ::= ${target}`)
    return name
  }

  #lookUp(reference: string): JsonValue {
    if (reference === '#') return this.#root
    const parts = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference)
    const definitions = (this.#root as JsonObject)[parts?.[1] ?? ''] as JsonObject | undefined
    const name = decodePointer(parts?.[2] ?? '')
    const found =
      definitions !== undefined && Object.hasOwn(definitions, name) ? definitions[name] : undefined
    if (found !== undefined) return found
    throw new BeyondGrammar(`follow the reference "${reference.slice(0, 64)}"`)
  }

  #add(body: string): string {
    const name = `rule${this.#rules.length}`
    this.#push(`${name} ::= ${body}`)
    return name
  }

  #push(rule: string): void {
    if (this.#rules.length >= mostRules) throw new BeyondGrammar('keep to so large a schema')
    this.#rules.push(rule)
  }
}

function stringRule(schema: JsonObject, says: readonly string[]): string {
  refuseOthers(says, ['type', 'minLength', 'maxLength'])
  const least = countOf(schema, 'minLength') ?? 0
  const most = countOf(schema, 'maxLength')
  if (most !== undefined && most < least) throw new BeyondGrammar('write more than it may')
  return least === 0 && most === undefined ? 'string' : `"\\"" char{${least},${most ?? ''}} "\\""`
}

function countOf(schema: JsonObject, name: string): number | undefined {
  const count = schema[name]
  if (count === undefined) return undefined
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) {
    if (count <= mostRepetitions) return count
  }
  throw new BeyondGrammar(`keep to "${name}": ${JSON.stringify(count).slice(0, 32)}`)
}

function listOf(value: JsonValue, name: string): readonly JsonValue[] {
  if (Array.isArray(value) && (value.length > 0 || name === 'required')) return value
  throw new BeyondGrammar(`keep to a schema whose "${name}" is no list`)
}

function refuseOthers(says: readonly string[], known: readonly string[]): void {
  const other = says.find((name) => !known.includes(name))
  if (other !== undefined) throw new BeyondGrammar(`keep to "${other.slice(0, 64)}" in a schema`)
}

function group(choices: readonly string[]): string {
  return choices.length === 1 ? (choices[0] ?? '') : `(${choices.join(' | ')})`
}

/** The text of a JSON value, as a string of the grammar. */
function literal(value: JsonValue): string {
  const text = JSON.stringify(value)
  return JSON.stringify(text)
}

function decodePointer(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return part
  }
}
