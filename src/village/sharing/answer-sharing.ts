import type { ChatRequest, ModelAnswer } from '../../kernel/chat.ts'
import type { JsonValue } from '../../kernel/json.ts'
import type { AnswerInput } from '../village-service.ts'

export type SharingSettings = {
  /**
   * `off`: no answer is kept. `on-request`: only where the request asks for it. `on`: also where
   * equal requests mean to get equal answers.
   */
  readonly mode: 'off' | 'on-request' | 'on'
  readonly singleFlight: boolean
  /** The highest temperature at which a request is taken to want the same answer again. */
  readonly maxTemperature: number
}

/** What may be done for one request. */
export type Sharing = {
  readonly tenant: string
  /** May an earlier answer be given? */
  readonly read: boolean
  /** May this answer be kept? */
  readonly keep: boolean
  /** May it be answered together with an equal request under way? */
  readonly join: boolean
  /** The request itself said that an earlier answer is welcome. */
  readonly asked: boolean
}

/** Null when the request is to be answered by itself. */
export function sharingOf(input: AnswerInput, settings: SharingSettings): Sharing | null {
  const { tenant, cache: wish } = input
  if (tenant === undefined || wish?.noStore === true || wish?.asked === false) return null
  const asked = wish?.asked === true
  const wanted = asked || wantsSameAnswer(input, settings)
  const cached = wanted && (settings.mode === 'on' || (settings.mode === 'on-request' && asked))
  const fresh = wish?.fresh === true
  const sharing = {
    tenant,
    read: cached && !fresh,
    keep: cached,
    join: wanted && settings.singleFlight && !fresh,
    asked,
  }
  return sharing.keep || sharing.join ? sharing : null
}

/** An answer that is whole, says something and does nothing. */
export function isWorthKeeping(answer: ModelAnswer, asked: boolean): boolean {
  // A kept answer is streamed as its text, which would lose both.
  const { otherChoices, choice } = answer.unread ?? {}
  if (hasItems(otherChoices) || isSet(choice?.['logprobs'])) return false
  const callsTools = hasItems(answer.extra?.['tool_calls']) || hasFunctionCall(answer)
  if (callsTools) return asked && ['tool_calls', 'stop'].includes(answer.finishReason)
  return answer.text !== '' && ['stop', 'length'].includes(answer.finishReason)
}

/** A temperature that is not given is the model's default, which mostly is no low one. */
function wantsSameAnswer(input: AnswerInput, { maxTemperature }: SharingSettings): boolean {
  const { temperature } = input.request.sampling
  if (temperature === undefined || temperature > maxTemperature) return false
  return !mayAct(input.request) && !input.requestedModel.endsWith(':online')
}

/** Fields by which a model looks at the world or acts on it. */
const actingFields = ['tools', 'functions', 'plugins']

export function mayAct({ extra }: ChatRequest): boolean {
  if (extra === undefined) return false
  return actingFields.some((field) => hasItems(extra[field])) || isSet(extra['web_search_options'])
}

function hasItems(value: JsonValue | readonly JsonValue[] | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : isSet(value)
}

function hasFunctionCall({ extra }: ModelAnswer): boolean {
  return isSet(extra?.['function_call'])
}

function isSet(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null
}
