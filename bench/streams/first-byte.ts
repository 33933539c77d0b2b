import { performance } from 'node:perf_hooks'
import { Client } from 'undici'

export type StreamSource = {
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
}

const body = JSON.stringify({
  model: 'bench/fixed',
  messages: [{ role: 'user', content: 'My card was charged twice for the March invoice.' }],
  stream: true,
})

/** From the request to the first byte of each stream, in ms, one stream after the other. */
export async function firstBytes(source: StreamSource, streams: number): Promise<number[]> {
  const client = new Client(source.origin)
  const times: number[] = []
  for (let index = 0; index < streams; index += 1) times.push(await firstByte(client, source))
  await client.close()
  return times
}

function firstByte(client: Client, { headers }: StreamSource): Promise<number> {
  const sentAt = performance.now()
  let firstMs: number | null = null
  return new Promise((resolve, reject) => {
    client.dispatch(
      {
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, status) => {
          if (status !== 200) reject(new Error(`HTTP status ${status}`))
        },
        onResponseData: () => {
          firstMs ??= performance.now() - sentAt
        },
        onResponseEnd: () => resolve(firstMs ?? Number.NaN),
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })
}
