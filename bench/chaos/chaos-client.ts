import { createParser } from 'eventsource-parser'
import type { ChaosReply } from './run-chaos.ts'

type Chunk = {
  readonly error?: { readonly message: string }
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[]
}

type Answer = { readonly choices: readonly [{ readonly message: { readonly content: string } }] }

/** Asks a gateway over HTTP; a stream that ends without `[DONE]` is an error, as clients see it. */
export async function askGateway(
  gateway: { readonly url: string; readonly key: string; readonly model: string },
  prompt: string,
  { streamed, signal }: { readonly streamed: boolean; readonly signal: AbortSignal },
): Promise<ChaosReply> {
  let text = ''
  try {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: gateway.model,
        messages: [{ role: 'user', content: prompt }],
        stream: streamed,
        // Each answer is to come from a replica, not from a cache.
        temperature: 1,
      }),
      signal,
    })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    if (!streamed) {
      const answer = (await response.json()) as Answer
      return { text: answer.choices[0].message.content, error: null }
    }
    if (response.body === null) throw new Error('The stream has no body')
    let done = false
    const parser = createParser({
      onEvent: ({ data }) => {
        if (data === '[DONE]') {
          done = true
          return
        }
        const chunk = JSON.parse(data) as Chunk
        if (chunk.error !== undefined) throw new Error(chunk.error.message)
        text += chunk.choices?.[0]?.delta?.content ?? ''
      },
    })
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) parser.feed(piece)
    if (!done) throw new Error('The stream ended without [DONE]')
    return { text, error: null }
  } catch (error) {
    return { text, error: error as Error }
  }
}
