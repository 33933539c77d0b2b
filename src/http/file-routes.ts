import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { StoredFile } from '../kernel/batch.ts'
import type { BatchService } from '../village/batch-service.ts'
import { invalidRequest } from './api-error.ts'
import { tenantOf } from './tenant.ts'
import { pageOf, wirePage } from './page-query.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import { RequestProblem } from './request-problem.ts'
import type { RouteContext } from './route-context.ts'

/** What a form takes beside the file in it. */
export const formOverheadBytes = 65_536

/** Reads the body as a form; only where a file is uploaded. */
export function takeForms(app: FastifyInstance): void {
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })
}

/** `POST /v1/files`: a form with `purpose` and `file`. */
export async function uploadFile(context: RouteContext, request: FastifyRequest) {
  const { purpose, file } = await formOf(request)
  if (purpose !== 'batch') {
    refuse('purpose', `"purpose" must be "batch": this village takes files for batches only.`)
  }
  if (!(file instanceof File)) refuse('file', 'The form has no "file".')
  const stored = await batchesOf(context).upload({
    tenant: tenantOf(request),
    filename: file.name.slice(0, 256),
    content: await file.bytes(),
  })
  return wireFile(stored)
}

export async function listFiles(context: RouteContext, request: FastifyRequest) {
  const page = pageOf(request.query)
  const files = await batchesOf(context).files(tenantOf(request), {
    ...page,
    limit: page.limit + 1,
  })
  return wirePage(files, page.limit, wireFile)
}

export async function showFile(context: RouteContext, request: FastifyRequest) {
  return wireFile(await batchesOf(context).file(tenantOf(request), idOf(request)))
}

export async function showFileContent(
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const content = await batchesOf(context).content(tenantOf(request), idOf(request))
  return reply.header('content-type', 'application/jsonl').send(content)
}

export async function removeFile(context: RouteContext, request: FastifyRequest) {
  const id = idOf(request)
  await batchesOf(context).removeFile(tenantOf(request), id)
  return { id, object: 'file', deleted: true }
}

export function batchesOf(context: RouteContext): BatchService {
  if (context.batches !== null) return context.batches
  throw new RequestProblem(
    invalidRequest('This village runs no batches.', { status: 404, code: 'route_not_found' }),
  )
}

const IdParams = z.object({ id: z.string() })

export function idOf(request: FastifyRequest): string {
  return parseWithSchema(IdParams, request.params).id
}

async function formOf(request: FastifyRequest): Promise<Readonly<Record<string, unknown>>> {
  const { body } = request
  const type = request.headers['content-type'] ?? ''
  if (!Buffer.isBuffer(body)) refuse('file', 'Send the file as multipart/form-data.')
  try {
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': type },
    }).formData()
    return Object.fromEntries(form)
  } catch {
    throw new RequestProblem(
      invalidRequest('The body is not a form as multipart/form-data writes it.', {
        code: 'malformed_form',
      }),
    )
  }
}

function wireFile(file: StoredFile) {
  return {
    id: file.id,
    object: 'file',
    bytes: file.sizeBytes,
    created_at: Math.floor(file.createdAtMs / 1000),
    filename: file.filename,
    purpose: file.purpose,
    status: 'processed',
  }
}

function refuse(param: string, message: string): never {
  throw new RequestProblem(invalidRequest(message, { param, code: 'invalid_shape' }))
}
