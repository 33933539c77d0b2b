import { InvalidRequestError } from '../../kernel/errors.ts'
import type { JsonObject, JsonValue } from '../../kernel/json.ts'
import { responseFormatOf } from '../../kernel/response-format.ts'
import { BeyondGrammar, grammarOfFormat } from './json-grammar.ts'
import type { LocalSampling } from './protocol.ts'

/** What a request asks of the local model in fields that stay in the wire's own form. */
export type AskedFields = {
  readonly sampling: Pick<
    LocalSampling,
    'topK' | 'minP' | 'frequencyPenalty' | 'presencePenalty' | 'repetitionPenalty' | 'grammar'
  >
  /** Answers asked for, 1 or more. */
  readonly choices: number
}

/** Throws `InvalidRequestError` for a response format that no grammar holds. */
export function askedFields(extra: JsonObject | undefined): AskedFields {
  if (extra === undefined) return { sampling: {}, choices: 1 }
  const sampling = {
    topK: numberIn(extra['top_k'], 0),
    minP: numberIn(extra['min_p'], 0),
    frequencyPenalty: numberIn(extra['frequency_penalty'], 0),
    presencePenalty: numberIn(extra['presence_penalty'], 0),
    repetitionPenalty: numberIn(extra['repetition_penalty'], 1),
    grammar: grammarAsked(extra),
  }
  const asked = Object.entries(sampling).filter(([, value]) => value !== undefined)
  return { sampling: Object.fromEntries(asked), choices: numberIn(extra['n'], 1) ?? 1 }
}

/** Why the format cannot be kept to: completes "the local model cannot …"; null where it can. */
export function formatProblem(format: JsonObject): string | null {
  const { problem } = compiled(format)
  return problem
}

function grammarAsked(extra: JsonObject): string | undefined {
  const format = responseFormatOf(extra)
  if (format === null) return undefined
  const { grammar, problem } = compiled(format)
  if (problem === null) return grammar
  throw new InvalidRequestError(`The local model cannot ${problem}.`, { param: 'response_format' })
}

type Compiled = { readonly grammar: string; readonly problem: string | null }

const mostKept = 64
const kept = new Map<string, Compiled>()

/** Requests of one program ask for the same format again and again. */
function compiled(format: JsonObject): Compiled {
  const key = JSON.stringify(format)
  const known = kept.get(key)
  if (known !== undefined) return known
  const made = compile(format)
  kept.set(key, made)
  const [oldest] = kept.keys()
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest)
  return made
}

function compile(format: JsonObject): Compiled {
  try {
    return { grammar: grammarOfFormat(format), problem: null }
  } catch (error) {
    if (!(error instanceof BeyondGrammar)) throw error
    return { grammar: '', problem: error.message }
  }
}

/** Undefined where the field is not there or says what is the case without it. */
function numberIn(value: JsonValue | undefined, without: number): number | undefined {
  return typeof value === 'number' && value !== without ? value : undefined
}
