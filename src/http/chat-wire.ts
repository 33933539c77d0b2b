import type { AnsweredTask, AnswerEvent, AnswerInput } from '../village/village-service.ts'
import type { ApiError, ErrorBody } from './api-error.ts'

export type AnswerHead = {
  /** The answer's id on this wire; its decision has the same one with the prefix `dec`. */
  readonly id: string
  readonly createdSeconds: number
  /** How this endpoint tells failures, in a stream as well. */
  readonly errorBody: ErrorBody
}

/** A body of a wire, read: what the village is asked, and what only the wire's answer needs. */
export type ReadRequest<Asked> = {
  readonly input: AnswerInput
  readonly asked: Asked
}

/** The lines of one streamed answer, in the order in which they are called for. */
export type StreamWriter = {
  /** Before the first delta. */
  start(): string
  delta(event: Exclude<AnswerEvent, { readonly type: 'answered' }>): string
  /** Everything after the last delta. */
  end(answered: AnsweredTask): string
  /** The last line of a stream that failed. */
  failure(error: ApiError): string
}

/** One wire protocol for chats: how its bodies are read and its answers written. Nothing else differs. */
export type ChatWire<Asked> = {
  /** Such as `chatcmpl`. */
  readonly idPrefix: string
  /** Sent while a model is silent, so that nothing between us and the client gives up. */
  readonly keepAlive: string
  /** Throws `RequestProblem` where the body does not fit. */
  read(body: unknown): ReadRequest<Asked>
  whole(answered: AnsweredTask, head: AnswerHead, asked: Asked): object
  stream(head: AnswerHead, asked: Asked): StreamWriter
}

export const commentKeepAlive = ': keep-alive\n\n'
