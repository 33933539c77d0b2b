import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ModelDescription } from '../kernel/model-adapter.ts'
import type { VillageModel } from '../village/village-service.ts'
import { clientSignal } from './client-signal.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import type { RouteContext } from './route-context.ts'
import { wireModel } from './wire-model.ts'

const count = z.coerce.number().int().min(0)
const usdPerMillion = z.coerce.number().min(0)

/** Filters as the provider has them; prices are in USD per million tokens, lists separated by commas. */
export const ModelsQuery = z.looseObject({
  q: z.string().max(256).optional(),
  supported_parameters: z.string().max(1024).optional(),
  input_modalities: z.string().max(256).optional(),
  output_modalities: z.string().max(256).optional(),
  model_authors: z.string().max(1024).optional(),
  context: count.optional(),
  min_price: usdPerMillion.optional(),
  max_price: usdPerMillion.optional(),
  min_output_price: usdPerMillion.optional(),
  max_output_price: usdPerMillion.optional(),
  distillable: z.enum(['true', 'false']).optional(),
  sort: z
    .enum(['newest', 'pricing-low-to-high', 'pricing-high-to-low', 'context-high-to-low'])
    .optional(),
  offset: count.optional(),
  limit: count.min(1).max(1000).optional(),
})

type Query = z.infer<typeof ModelsQuery>

/** `GET /v1/models`. With a filter, names that stand for an agent are left out: they have no properties. */
export async function listModels(
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const query = parseWithSchema(ModelsQuery, request.query)
  const models = await context.service.models(clientSignal(reply.raw))
  const matching = models.filter((model) => matches(model, query))
  const sorted = query.sort === undefined ? matching : matching.toSorted(comparator(query.sort))
  const offset = query.offset ?? 0
  const end = query.limit === undefined ? sorted.length : offset + query.limit
  return {
    object: 'list',
    data: sorted.slice(offset, end).map((model) => wireModel(model, context)),
    total_count: sorted.length,
    links: { next: end < sorted.length ? nextPage(query, end) : null },
  }
}

/** `GET /v1/models/{id}`, whose name may have slashes. */
export async function findModel(
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const { '*': id } = request.params as { readonly '*': string }
  return wireModel(await context.service.model(id, clientSignal(reply.raw)), context)
}

/** `GET /v1/model/{id}`, as OpenRouter has it: the same in an envelope. */
export async function findModelAsData(
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  return { data: await findModel(context, request, reply) }
}

function matches({ id, description }: VillageModel, query: Query): boolean {
  if (query.q !== undefined && !id.toLowerCase().includes(query.q.toLowerCase())) return false
  const author = id.split('/')[0] ?? id
  if (!holdsOne(query.model_authors, author)) return false
  if (description === null) return !asksForProperties(query)
  return (
    matchesPrices(description, query) &&
    description.contextLength >= (query.context ?? 0) &&
    holdsAll(query.supported_parameters, description.supportedParameters) &&
    holdsAll(query.input_modalities, description.inputModalities) &&
    holdsAll(query.output_modalities, description.outputModalities ?? ['text']) &&
    (query.distillable === undefined ||
      (query.distillable === 'true') === (description.distillable !== 'no'))
  )
}

const nameFilters: ReadonlySet<string> = new Set(['q', 'model_authors', 'sort', 'offset', 'limit'])

function asksForProperties(query: Query): boolean {
  return Object.keys(ModelsQuery.shape).some(
    (name) => !nameFilters.has(name) && query[name] !== undefined,
  )
}

const picoUsdPerTokenInUsdPerMillion = 1e6

function matchesPrices({ price }: ModelDescription, query: Query): boolean {
  const prompt = price.prompt / picoUsdPerTokenInUsdPerMillion
  const completion = price.completion / picoUsdPerTokenInUsdPerMillion
  return (
    prompt >= (query.min_price ?? 0) &&
    prompt <= (query.max_price ?? Number.POSITIVE_INFINITY) &&
    completion >= (query.min_output_price ?? 0) &&
    completion <= (query.max_output_price ?? Number.POSITIVE_INFINITY)
  )
}

function holdsOne(list: string | undefined, name: string): boolean {
  return list === undefined || namesIn(list).includes(name)
}

function holdsAll(list: string | undefined, names: readonly string[]): boolean {
  if (list === undefined || list === 'all') return true
  return namesIn(list).every((name) => names.includes(name))
}

function namesIn(list: string): readonly string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Names without properties come last, in the order that they have. */
function comparator(
  sort: NonNullable<Query['sort']>,
): (left: VillageModel, right: VillageModel) => number {
  const rank = (model: VillageModel): number => {
    const { description } = model
    if (description === null) return Number.POSITIVE_INFINITY
    switch (sort) {
      case 'newest':
        return -(description.createdAtMs ?? 0)
      case 'pricing-low-to-high':
        return description.price.prompt + description.price.completion
      case 'pricing-high-to-low':
        return -(description.price.prompt + description.price.completion)
      case 'context-high-to-low':
        return -description.contextLength
    }
  }
  return (left, right) => {
    const [one, other] = [rank(left), rank(right)]
    return one === other ? 0 : one < other ? -1 : 1
  }
}

function nextPage(query: Query, offset: number): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, offset })) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  return `/v1/models?${parameters.toString()}`
}
