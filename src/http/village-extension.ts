import { z } from 'zod'

const SqlCell = z.union([z.string(), z.number(), z.null()])

const Verifier = z.discriminatedUnion('language', [
  z.strictObject({
    type: z.literal('unit-tests'),
    language: z.literal('javascript'),
    tests: z.string().min(1),
  }),
  z.strictObject({
    type: z.literal('unit-tests'),
    language: z.literal('sql'),
    setup: z.string(),
    expectedRows: z.array(z.array(SqlCell)),
  }),
])

/** Our extension of every chat wire's body. */
export const VillageExtension = z.strictObject({ verify: Verifier.optional() })
