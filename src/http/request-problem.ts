import type { ApiError } from './api-error.ts'

/** A request that the routes themselves refuse; carries the reply that the client gets. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem'
  readonly reply: ApiError

  constructor(reply: ApiError) {
    super(reply.message)
    this.reply = reply
  }
}
