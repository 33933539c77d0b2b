import { z } from 'zod'
import type { AnswerInput } from '../village/village-service.ts'
import { refuseShape } from './pass-on.ts'

export const modelName = z.string().min(1).max(256)

/** More models than anyone lists on purpose. */
export const fallbackModelNames = z.array(modelName).max(32)

/**
 * The model that a request names, and those to try after it. As with OpenRouter, a list without a
 * `model` begins with its first, and a list that repeats the `model` does not try it twice.
 */
export function chosenModels(fields: {
  readonly model?: string | null | undefined
  readonly models?: readonly string[] | null | undefined
}): Pick<AnswerInput, 'requestedModel' | 'fallbackModels'> {
  const [requestedModel, ...others] = new Set([
    ...(typeof fields.model === 'string' ? [fields.model] : []),
    ...(fields.models ?? []),
  ])
  if (requestedModel === undefined) refuseShape('model', 'expected string')
  return { requestedModel, ...(others.length > 0 && { fallbackModels: others }) }
}
