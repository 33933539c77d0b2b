import { z } from 'zod'
import { defaultTarget } from '../../kernel/target.ts'
import type { Target } from '../../kernel/target.ts'

/** Exactly one of: `alpha` with or without `delta`, `budgetUsdPerDay`, `latencyMs`. */
export const TargetSetting = z
  .strictObject({
    alpha: z.number().gt(0).lt(0.5).optional(),
    delta: z.number().gt(0).lt(0.5).optional(),
    budgetUsdPerDay: z.number().positive().max(1_000_000).optional(),
    latencyMs: z.number().positive().max(3_600_000).optional(),
  })
  .superRefine(({ alpha, delta, budgetUsdPerDay, latencyMs }, context) => {
    const given = [alpha ?? delta, budgetUsdPerDay, latencyMs].filter((one) => one !== undefined)
    if (given.length === 1) return
    context.addIssue({
      code: 'custom',
      message: 'Say one thing: alpha and delta, or a budget for a day, or a latency.',
    })
  })
  .transform(({ alpha, delta, budgetUsdPerDay, latencyMs }): Target => {
    if (budgetUsdPerDay !== undefined) return { budgetUsdPerDay }
    if (latencyMs !== undefined) return { latencyMs }
    return { alpha: alpha ?? defaultTarget.alpha, delta: delta ?? defaultTarget.delta }
  })
