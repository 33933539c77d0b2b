import { z } from 'zod'
import type { Sampling } from '../kernel/chat.ts'

/** The sampling fields that all wires share, with their bounds. */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
}

export const tokenLimit = z.int().min(1).nullish()

export const stopTexts = z
  .union([z.string(), z.array(z.string()).max(16)], {
    error: 'expected a string or a list of at most 16 strings',
  })
  .nullish()

/** Leaves out what the client left out, so that the defaults of agent and model hold. */
export function samplingOf(fields: {
  readonly temperature?: number | null | undefined
  readonly top_p?: number | null | undefined
  readonly maxTokens?: number | null | undefined
  readonly stop?: string | readonly string[] | null | undefined
  readonly seed?: number | null | undefined
}): Sampling {
  const { temperature, top_p: topP, maxTokens, stop, seed } = fields
  return {
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof topP === 'number' && { topP }),
    ...(typeof maxTokens === 'number' && { maxTokens }),
    ...(stop !== null && stop !== undefined && { stop: typeof stop === 'string' ? [stop] : stop }),
    ...(typeof seed === 'number' && { seed }),
  }
}
