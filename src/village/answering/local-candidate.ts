import type { ChatRequest } from '../../kernel/chat.ts'
import type { ModelAdapter } from '../../kernel/model-adapter.ts'
import { responseFormatOf, studentMessages } from '../../kernel/response-format.ts'
import { answerProblem } from './answer-format.ts'
import type { Candidate } from './serve-with-fallback.ts'

/** The local model as one that may answer: it sees the response format, and is held to it. */
export function localCandidate(adapter: ModelAdapter, request: ChatRequest): Candidate {
  const format = responseFormatOf(request.extra)
  if (format === null) return { route: 'local', adapter, request }
  return {
    route: 'local',
    adapter,
    request: { ...request, messages: studentMessages(request) },
    problemOf: (answer) => answerProblem(answer, format),
  }
}
