import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Batch, BatchStatus } from '../kernel/batch.ts'
import { batchEndpoints } from './batch-line.ts'
import { tenantOf } from './tenant.ts'
import { batchesOf, idOf } from './file-routes.ts'
import { pageOf, wirePage } from './page-query.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import type { RouteContext } from './route-context.ts'

const mostMetadata = 16

export const NewBatch = z.looseObject({
  input_file_id: z.string().min(1).max(128),
  endpoint: z.enum(batchEndpoints as readonly [string, ...string[]]),
  completion_window: z.literal('24h'),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((metadata) => Object.keys(metadata).length <= mostMetadata, {
      error: `expected at most ${mostMetadata} entries`,
    })
    .nullish(),
})

export async function createBatch(context: RouteContext, request: FastifyRequest) {
  const fields = parseWithSchema(NewBatch, request.body)
  const batch = await batchesOf(context).create({
    tenant: tenantOf(request),
    inputFileId: fields.input_file_id,
    endpoint: fields.endpoint,
    metadata: fields.metadata ?? null,
  })
  return wireBatch(batch)
}

export async function listBatches(context: RouteContext, request: FastifyRequest) {
  const page = pageOf(request.query)
  const batches = await batchesOf(context).batches(tenantOf(request), {
    ...page,
    limit: page.limit + 1,
  })
  return wirePage(batches, page.limit, wireBatch)
}

export async function showBatch(context: RouteContext, request: FastifyRequest) {
  return wireBatch(await batchesOf(context).batch(tenantOf(request), idOf(request)))
}

export async function cancelBatch(context: RouteContext, request: FastifyRequest) {
  return wireBatch(await batchesOf(context).cancel(tenantOf(request), idOf(request)))
}

const ended: ReadonlySet<BatchStatus> = new Set(['completed', 'expired', 'cancelled'])

function wireBatch(batch: Batch) {
  const { problems, reachedAtMs } = batch
  const at = (status: BatchStatus): number | null => {
    const atMs = reachedAtMs[status]
    return atMs === undefined ? null : Math.floor(atMs / 1000)
  }
  // Files have their names before they are written.
  const isWritten = ended.has(batch.status)
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    errors: problems.length === 0 ? null : { object: 'list', data: problems },
    input_file_id: batch.inputFileId,
    completion_window: '24h',
    status: batch.status,
    output_file_id: isWritten ? batch.outputFileId : null,
    error_file_id: isWritten ? batch.errorFileId : null,
    created_at: Math.floor(batch.createdAtMs / 1000),
    in_progress_at: at('in_progress'),
    expires_at: Math.floor(batch.expiresAtMs / 1000),
    finalizing_at: at('finalizing'),
    completed_at: at('completed'),
    failed_at: at('failed'),
    expired_at: at('expired'),
    cancelling_at: at('cancelling'),
    cancelled_at: at('cancelled'),
    request_counts: batch.counts,
    metadata: batch.metadata,
  }
}
