import { z } from 'zod'
import type { Page } from '../kernel/batch.ts'
import { parseWithSchema } from './parse-with-schema.ts'

export const PageQuery = z.looseObject({
  after: z.string().min(1).max(128).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

/** `?after=…&limit=…`, as OpenAI's lists take them. */
export function pageOf(query: unknown): Page {
  const { after, limit } = parseWithSchema(PageQuery, query)
  return { limit, ...(after !== undefined && { after }) }
}

/** One page of a list; `items` holds one more than the page where there are more. */
export function wirePage<Item extends { readonly id: string }>(
  items: readonly Item[],
  limit: number,
  wire: (item: Item) => object,
) {
  const shown = items.slice(0, limit)
  return {
    object: 'list',
    data: shown.map(wire),
    first_id: shown[0]?.id ?? null,
    last_id: shown.at(-1)?.id ?? null,
    has_more: items.length > limit,
  }
}
