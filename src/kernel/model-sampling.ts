import type { ChatRequest, Sampling } from './chat.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { ModelDescription } from './model-adapter.ts'

type Model = Pick<ModelDescription, 'supportedParameters' | 'defaultParameters'>

/** False where the models list says what the model takes, and does not name the field. */
export function takesParameter({ supportedParameters: taken }: Model, name: string): boolean {
  return taken.length === 0 || taken.includes(name)
}

const extraFields = [
  'top_k',
  'min_p',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
]

/**
 * The request with the sampling that the models list recommends for the model, in fields that the
 * request leaves open and the model takes.
 */
export function withRecommendedSampling(request: ChatRequest, model: Model): ChatRequest {
  const { defaultParameters: recommended } = model
  if (recommended === undefined) return request
  const numberFor = (name: string): number | undefined => {
    const value = recommended[name]
    return typeof value === 'number' && takesParameter(model, name) ? value : undefined
  }
  const temperature = request.sampling.temperature ?? numberFor('temperature')
  const topP = request.sampling.topP ?? numberFor('top_p')
  const sampling: Sampling = {
    ...request.sampling,
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
  }
  const open = extraFields.filter((name) => (request.extra?.[name] ?? null) === null)
  const added = open.flatMap((name): [string, JsonValue][] => {
    const value = numberFor(name)
    return value === undefined ? [] : [[name, value]]
  })
  if (added.length === 0) return { ...request, sampling }
  const extra: JsonObject = { ...request.extra, ...Object.fromEntries(added) }
  return { ...request, sampling, extra }
}
