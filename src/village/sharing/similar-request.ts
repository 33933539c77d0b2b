import { hash } from 'node:crypto'
import type { SimilarityEntry } from '../../kernel/cached-answer.ts'
import { textOfMessage } from '../../kernel/chat.ts'
import type { ChatMessage } from '../../kernel/chat.ts'
import { mayAct } from './answer-sharing.ts'
import type { Sharing } from './answer-sharing.ts'
import { requestKey } from './request-key.ts'
import type { AnswerInput } from '../village-service.ts'

/**
 * The request as the semantic cache sees it: two of one group are equal in everything but the last
 * text of the user. Null where an answer to a similar request will not do: with tools or a look at
 * the world, with tests of its own, where the user's text is not the last word or is not text alone,
 * or is so long that a difference would drown in it.
 */
export function similarityOf(
  input: AnswerInput,
  sharing: Sharing,
  options: { readonly origin: string; readonly maxTextCharacters: number },
): SimilarityEntry | null {
  const { request, verifier, requestedModel } = input
  if (!sharing.keep || verifier !== undefined) return null
  if (mayAct(request) || requestedModel.endsWith(':online')) return null
  const last = request.messages.at(-1)
  if (last === undefined || last.role !== 'user' || !isTextAlone(last)) return null
  const text = textOfMessage(last)
  if (text.trim() === '' || text.length > options.maxTextCharacters) return null
  const withoutText = { ...last, content: shapeOf(last) }
  const messages = [...request.messages.slice(0, -1), withoutText]
  const rest = { ...input, request: { ...request, messages } }
  // Never equal to the key of a whole request.
  const group = hash('sha256', `similar ${requestKey(rest, sharing.tenant, options.origin)}`)
  return { group, text }
}

function isTextAlone({ content }: ChatMessage): boolean {
  if (content === null) return false
  return typeof content === 'string' || content.every(({ type }) => type === 'text')
}

/** What is left of the content without its text: one text and several parts are two shapes. */
function shapeOf({ content }: ChatMessage): ChatMessage['content'] {
  if (content === null || typeof content === 'string') return null
  return content.map((part) => ({ ...part, text: '' }))
}
