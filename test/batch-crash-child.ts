import { setTimeout as pause } from 'node:timers/promises'
import { openBatchParts, request } from './open-batch-parts.ts'

/**
 * Works on the one batch of a folder until it is killed, and makes the batch where there is none.
 * Says `answered N` for every line it asked, and ends by itself when the batch is completed.
 */
const [folder = '', seed = '1', lines = '0'] = process.argv.slice(2)
const tenant = 'key_1'

const parts = await openBatchParts({ folder, seed: Number(seed) })
await parts.processor.start(async ({ body }) => {
  await pause(1)
  process.stdout.write(`answered ${JSON.stringify(body['n'])}\n`)
  return { status: 200, body, requestId: 'req', retryable: false }
})
const known = (await parts.batches.batches(tenant, { limit: 1 }))[0]
const { id } =
  known ??
  (await parts.submit(Array.from({ length: Number(lines) }, (_, index) => request(`r${index}`))))
process.stdout.write('begun\n')
while ((await parts.batches.batch(tenant, id)).status !== 'completed') await pause(5)
await parts.processor.stop()
await parts.store.close()
