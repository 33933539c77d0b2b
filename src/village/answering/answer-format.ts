import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ModelAnswer } from '../../kernel/chat.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { JsonObject, JsonValue } from '../../kernel/json.ts'
import { schemaOfFormat } from '../../kernel/response-format.ts'

/** Why a whole answer, any of its choices, is not what the response format asks for; null if it is. */
export function answerProblem(answer: ModelAnswer, format: JsonObject): string | null {
  const others = (answer.unread?.otherChoices ?? []).map((choice) => ({
    text: textOfChoice(choice),
    isCutOff: choice['finish_reason'] === 'length',
  }))
  const choices = [{ text: answer.text, isCutOff: answer.finishReason === 'length' }, ...others]
  for (const { text, isCutOff } of choices) {
    if (isCutOff) return 'its JSON was cut off by the limit of tokens'
    const problem = textProblem(text, format)
    if (problem !== null) return problem
  }
  return null
}

function textOfChoice({ message }: JsonObject): string {
  const content = isJsonObject(message) ? message['content'] : undefined
  return typeof content === 'string' ? content : ''
}

/** The same of one text. */
export function textProblem(text: string, format: JsonObject): string | null {
  const value = parsed(text)
  if (value === undefined) return 'it was not JSON'
  const schema = schemaOfFormat(format)
  if (schema !== undefined) return validatorOf(schema)(value)
  return isJsonObject(value) ? null : 'it was not a JSON object'
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

type Validator = (value: JsonValue) => string | null

const mostKept = 64
const kept = new Map<string, Validator>()

/** Requests of one program ask for the same schema again and again. */
function validatorOf(schema: JsonValue): Validator {
  const key = JSON.stringify(schema)
  const known = kept.get(key)
  if (known !== undefined) return known
  const made = compile(schema)
  kept.set(key, made)
  const [oldest] = kept.keys()
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest)
  return made
}

function compile(schema: JsonValue): Validator {
  // One that keeps nothing of other clients' schemas; it goes when the validator goes.
  const ajv = new Ajv2020({
    strict: false,
    validateFormats: false,
    logger: false,
    // The schema of schemas has patterns too; what compiles without it is good enough to check by.
    meta: false,
    validateSchema: false,
    code: { regExp: refusePattern },
  })
  try {
    const validate = ajv.compile(withoutDialect(schema))
    return (value) =>
      validate(value) ? null : `it did not fit the schema: ${ajv.errorsText(validate.errors)}`
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return () => `its schema cannot be read: ${reason}`
  }
}

/** A client's pattern may take for ever on an answer that was made for it. */
const refusePattern = Object.assign(
  (pattern: string): never => {
    throw new Error(`patterns of a request are not run: ${pattern.slice(0, 64)}`)
  },
  { code: 'refusePattern' },
)

/** What we check is the same in all dialects, of which Ajv knows one at a time. */
function withoutDialect(schema: JsonValue): JsonObject | boolean {
  if (!isJsonObject(schema)) return schema === true
  const { $schema: _, $id: __, ...rest } = schema
  return rest
}
