import { fastify } from 'fastify'
import { Pool } from 'undici'

/** The least that a proxy on this stack does: parse the body, send it on, send the answer back. */
const upstream = process.argv[2] ?? ''
const pool = new Pool(upstream)
const app = fastify()

app.post('/v1/chat/completions', async (request, reply) => {
  const answer = await pool.request({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
    body: JSON.stringify(request.body),
  })
  reply.code(answer.statusCode).header('content-type', 'application/json')
  return reply.send(await answer.body.text())
})

const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${JSON.stringify({ url })}\n`)
