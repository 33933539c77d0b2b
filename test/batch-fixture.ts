import { expect, vi } from 'vitest'
import type { Batch, BatchStatus } from '../src/kernel/batch.ts'
import { systemClock } from '../src/kernel/clock.ts'
import type { JsonObject } from '../src/kernel/json.ts'
import type { RunLine } from '../src/serving/batches/batch-run.ts'
import { linesOf, openBatchParts } from './open-batch-parts.ts'
import { temporaryFolder } from './scripted-village.ts'

type Parts = Awaited<ReturnType<typeof openBatchParts>>

/** What one test of batches works with; made anew before each. */
export const fixture = {
  folder: { path: '', remove: () => undefined } as ReturnType<typeof temporaryFolder>,
  parts: {} as Parts,
  /** Lines that may be under way. */
  room: 4,
  nowMs: 0,
}

/** Time is ours, pauses are none: only the order of things is tested. */
export const clock = {
  now: () => fixture.nowMs,
  sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(1, signal),
}

export async function openFixture(): Promise<void> {
  fixture.room = 4
  fixture.nowMs = 1_800_000_000_000
  fixture.folder = temporaryFolder()
  fixture.parts = await openBatchParts({
    folder: fixture.folder.path,
    seed: 1,
    room: () => fixture.room,
    clock,
  })
}

export async function closeFixture(): Promise<void> {
  await fixture.parts.processor.stop()
  await fixture.parts.store.close()
  fixture.folder.remove()
}

export const well = (body: JsonObject) => ({
  status: 200,
  body: { echo: body },
  requestId: 'req_1',
  retryable: false,
})

export const echo: RunLine = async ({ body }) => well(body)

export function nameOf(body: JsonObject): string {
  return typeof body['n'] === 'string' ? body['n'] : ''
}

export function reached(id: string, status: BatchStatus, tenant = 'key_1'): Promise<Batch> {
  return vi.waitFor(
    async () => {
      const batch = await fixture.parts.batches.batch(tenant, id)
      expect(batch.status).toBe(status)
      return batch
    },
    { timeout: 20_000, interval: 5 },
  )
}

export const idsOf = (lines: readonly { readonly custom_id: string }[]): string[] =>
  lines.map((line) => line.custom_id)

export const outputOf = ({ tenant, outputFileId }: Batch) =>
  linesOf(fixture.parts.batches, tenant, outputFileId)

export const errorsOf = ({ tenant, errorFileId }: Batch) =>
  linesOf(fixture.parts.batches, tenant, errorFileId)
