import type { ChatEvent, ModelAnswer } from '../../kernel/chat.ts'

/** Answers to one request as one answer with several choices; as sure as the least sure of them. */
export function joinAnswers(answers: readonly ModelAnswer[]): ModelAnswer {
  const [first, ...others] = answers
  if (first === undefined) throw new RangeError('joinAnswers needs at least one answer')
  if (others.length === 0) return first
  const tokens = sum(answers, ({ usage }) => usage.completionTokens)
  const total = sum(
    answers,
    ({ meanLogProbability = 0, usage }) => meanLogProbability * usage.completionTokens,
  )
  return {
    ...first,
    usage: { ...first.usage, completionTokens: tokens },
    latencyMs: Math.max(...answers.map(({ latencyMs }) => latencyMs)),
    retries: sum(answers, ({ retries }) => retries),
    meanLogProbability: tokens === 0 ? 0 : total / tokens,
    leastLogProbability: Math.min(...answers.map(leastOf)),
    unread: {
      otherChoices: others.map(({ text, finishReason }, index) => ({
        index: index + 1,
        message: { role: 'assistant', content: text },
        finish_reason: finishReason,
        logprobs: null,
      })),
    },
  }
}

/** Such an answer as a stream: nothing of it leaves before all of it is there to be judged. */
export function* eventsOfSeveral(answer: ModelAnswer): Generator<ChatEvent> {
  const tokens = answer.usage.completionTokens
  yield {
    type: 'text',
    text: answer.text,
    confidence: {
      tokens,
      logProbability: (answer.meanLogProbability ?? 0) * tokens,
      leastLogProbability: leastOf(answer),
    },
  }
  for (const { message, ...choice } of answer.unread?.otherChoices ?? []) {
    yield { type: 'choice', choice: { ...choice, delta: message ?? {} } }
  }
  yield { type: 'finish', answer }
}

function leastOf({ leastLogProbability = 0 }: ModelAnswer): number {
  return leastLogProbability
}

function sum(answers: readonly ModelAnswer[], of: (answer: ModelAnswer) => number): number {
  return answers.reduce((total, answer) => total + of(answer), 0)
}
