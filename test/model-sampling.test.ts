import { expect, test } from 'vitest'
import type { ChatRequest } from '../src/kernel/chat.ts'
import { withRecommendedSampling } from '../src/kernel/model-sampling.ts'

const request: ChatRequest = { messages: [{ role: 'user', content: 'hello' }], sampling: {} }
const defaultParameters = { temperature: 0.3, top_p: 0.9, top_k: 40, frequency_penalty: null }

test('what the models list recommends fills what the client left open', () => {
  const filled = withRecommendedSampling(request, { supportedParameters: [], defaultParameters })

  expect(filled).toEqual({
    ...request,
    sampling: { temperature: 0.3, topP: 0.9 },
    extra: { top_k: 40 },
  })
})

test('the client’s own values win, and what the model does not take is left out', () => {
  const own = { ...request, sampling: { temperature: 1 }, extra: { top_k: 5, user: 'ann' } }
  const model = { supportedParameters: ['temperature', 'top_k'], defaultParameters }

  expect(withRecommendedSampling(own, model)).toEqual(own)
})

test('a request to a model without a recommendation stays the very same', () => {
  expect(withRecommendedSampling(request, { supportedParameters: [] })).toBe(request)
})
