import { systemClock } from '../../kernel/clock.ts'
import { seededRandom } from '../../kernel/random.ts'
import { hang, json, startTestDouble } from '../chat-completions/test-double.ts'
import { describeModelAdapter } from '../contract.ts'
import { createOpenAICompatible } from './openai-compatible.ts'
import { ownModel } from './own-model.ts'

describeModelAdapter('OpenAI-compatible against a double', async () => {
  const doubles = [await startTestDouble(), await startTestDouble(), await startTestDouble()]
  const [double, failingDouble, slowDouble] = doubles
  for (let call = 0; call < 20; call += 1) {
    failingDouble?.reply(json(500, { error: { message: 'out of memory', type: 'server_error' } }))
    slowDouble?.reply(hang)
  }
  const servers = [double, failingDouble, slowDouble].map((each, index) =>
    createOpenAICompatible({
      name: `server-${index}`,
      baseUrl: each?.baseUrl ?? '',
      clock: systemClock,
      random: seededRandom(1),
    }),
  )
  const [adapter, failing, slow] = servers.map((server) => server.model(ownModel, 'coder.gguf'))
  if (adapter === undefined || failing === undefined || slow === undefined) throw new Error('three')
  return {
    adapter,
    longPrompt: 'a story of some length about a village and its people',
    differentPrompts: ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'],
    unicode: { prompt: 'Grüße, 世界! 🏡🧑‍🌾', answerHolds: 'Grüße, 世界! 🏡🧑‍🌾' },
    failing,
    slow,
    close: async () => {
      await Promise.all(servers.map((server) => server.close()))
      await Promise.all(doubles.map((server) => server.close()))
    },
  }
})
