import { Ajv2020 } from 'ajv/dist/2020.js'
import { z } from 'zod'

/**
 * Whether values fit a schema that only checks: one that neither fills in nor changes anything of what
 * fits. The check is compiled from the schema at its first use, and takes a fifth of a parse. It says
 * nothing of what is wrong: that is the schema's own part.
 */
export function fitsAsIs<Schema extends z.ZodType>(
  schema: Schema,
): (value: unknown) => value is z.output<Schema> {
  let validate: ((value: unknown) => boolean) | undefined
  return (value): value is z.output<Schema> => {
    validate ??= compile(schema)
    return validate(value)
  }
}

function compile(schema: z.ZodType): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false })
  return ajv.compile(z.toJSONSchema(schema, { io: 'input' }))
}
