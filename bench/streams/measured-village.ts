import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The village of the gateway's bench, and beside it a port that tells how much memory it uses; asked
 * for `/live`, how much of it is in use once the garbage is collected.
 */
const server = createServer((request, response) => {
  if (request.url === '/live') globalThis.gc?.()
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(process.memoryUsage()))
})
server.listen(0, '127.0.0.1')
server.once('listening', () => {
  server.unref()
  const { port } = server.address() as AddressInfo
  process.env['BENCH_MEMORY_URL'] = `http://127.0.0.1:${port}`
  void import('../gateway/village.ts')
})
