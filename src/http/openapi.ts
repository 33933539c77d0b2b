import { z } from 'zod'
import type { Route } from './routes.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The OpenAPI 3.1 description of the routes, made from the schemas that validate their bodies and
 * queries, so that the two cannot differ.
 */
export function openApiOf(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = pathOf(route.url)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, path) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'AI Village',
      version,
      description:
        'OpenAI, OpenRouter and Anthropic clients work unchanged. Fields that are not named here go to the provider untouched.',
    },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: { Error: errorSchema },
    },
  }
}

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message'],
      properties: {
        message: { type: 'string' },
        type: { type: 'string' },
        param: { type: ['string', 'null'] },
        code: { type: ['string', 'integer'] },
      },
    },
  },
}

const fileForm = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['purpose', 'file'],
        properties: { purpose: { const: 'batch' }, file: { type: 'string', format: 'binary' } },
      },
    },
  },
}

/** `/v1/models/*` and `/village/decisions/:id` as OpenAPI writes them. */
function pathOf(url: string): string {
  return url.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{name}')
}

function operationOf(route: Route, path: string): object {
  const { body, query } = route.schemas ?? {}
  const parameters = [...pathParameters(path), ...queryParameters(query)]
  return {
    ...(route.summary !== undefined && { summary: route.summary }),
    ...(route.roles !== 'everyone' && { security: [{ bearer: [] }, { apiKey: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.takesFile === true && { requestBody: fileForm }),
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: jsonSchema(body) } },
      },
    }),
    responses: {
      '200': {
        description: 'The answer',
        content: {
          'application/json': {},
          ...(route.streams === true && { 'text/event-stream': {} }),
        },
      },
      default: {
        description: 'A refusal or a failure, with its reason',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

function pathParameters(path: string): readonly object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }))
}

function queryParameters(query: z.ZodType | undefined): readonly object[] {
  if (query === undefined) return []
  const { properties, required } = jsonSchema(query)
  const isRequired = (required ?? []) as readonly string[]
  return Object.entries((properties ?? {}) as Record<string, JsonSchema>).map(([name, schema]) => ({
    name,
    in: 'query',
    required: isRequired.includes(name),
    schema,
  }))
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  })
  return rest
}
