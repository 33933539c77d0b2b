import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Embedding, EmbeddingsRequest } from '../kernel/embeddings.ts'
import { usdFromNanoUsd } from '../kernel/money.ts'
import type { EmbeddedTexts } from '../village/village-service.ts'
import { headOf } from './answer-chat.ts'
import { callerOf } from './caller.ts'
import type { AnswerHead } from './chat-wire.ts'
import { clientSignal } from './client-signal.ts'
import { modelName } from './model-choice.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import { keepOthers } from './pass-on.ts'
import type { RouteContext } from './route-context.ts'
import { villageBlock } from './village-block.ts'

const TokenList = z.array(z.int().min(0)).min(1)

export const EmbeddingsBody = z.looseObject({
  model: modelName,
  input: z.union(
    [
      z.string().min(1),
      z.array(z.string().min(1)).min(1).max(2048),
      TokenList,
      z.array(TokenList).min(1).max(2048),
      z
        .array(z.looseObject({ content: z.array(z.looseObject({ type: z.string() })).min(1) }))
        .min(1),
    ],
    { error: 'expected a text, a list of texts, token lists, or a list of objects with "content"' },
  ),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).nullish(),
})

export const embeddingsIdPrefix = 'embd'

const ownFields: ReadonlySet<string> = new Set(['model'])

/** `POST /v1/embeddings`: the frontier's vectors, in the encoding that was asked for. */
export async function embedInput(
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const { head, decisionId } = headOf(embeddingsIdPrefix, context, request)
  const options = { signal: clientSignal(reply.raw), caller: callerOf(request) }
  void reply.header('x-request-id', head.id)
  return embeddingsFor(request.body, head, (asked) =>
    context.service.embed({ ...asked, decisionId }, options),
  )
}

/** The answer to a body of this wire. Throws `RequestProblem` where the body does not fit. */
export async function embeddingsFor(
  wireBody: unknown,
  head: Pick<AnswerHead, 'id'>,
  embed: (asked: EmbeddingsRequest) => Promise<EmbeddedTexts>,
): Promise<object> {
  const body = parseWithSchema(EmbeddingsBody, wireBody)
  const fields = keepOthers(body, ownFields) ?? {}
  const { answer, decision } = await embed({ model: body.model, fields })
  const encode = body.encoding_format === 'base64' ? asBase64 : asNumbers
  return {
    id: head.id,
    object: 'list',
    data: answer.data.map(({ index, embedding }) => ({
      object: 'embedding',
      index,
      embedding: encode(embedding),
    })),
    model: answer.model,
    usage: {
      prompt_tokens: answer.usage.promptTokens,
      total_tokens: answer.usage.promptTokens,
      cost: usdFromNanoUsd(answer.usage.cost),
    },
    village: villageBlock(decision),
  }
}

/** Little-endian float32, as OpenAI's clients unpack it; a provider may have ignored what was asked. */
function asBase64(embedding: Embedding['embedding']): string {
  if (typeof embedding === 'string') return embedding
  const bytes = Buffer.alloc(embedding.length * Float32Array.BYTES_PER_ELEMENT)
  for (const [place, value] of embedding.entries()) {
    bytes.writeFloatLE(value, place * Float32Array.BYTES_PER_ELEMENT)
  }
  return bytes.toString('base64')
}

function asNumbers(embedding: Embedding['embedding']): readonly number[] {
  if (typeof embedding !== 'string') return embedding
  const bytes = Buffer.from(embedding, 'base64')
  const length = Math.floor(bytes.length / Float32Array.BYTES_PER_ELEMENT)
  return Array.from({ length }, (_, place) =>
    bytes.readFloatLE(place * Float32Array.BYTES_PER_ELEMENT),
  )
}
