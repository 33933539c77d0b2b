import { systemClock } from '../../kernel/clock.ts'
import { seededRandom } from '../../kernel/random.ts'
import { describeModelAdapter } from '../contract.ts'
import { createOpenRouter } from './openrouter.ts'
import { hang, json, startTestDouble } from '../chat-completions/test-double.ts'

describeModelAdapter('OpenRouter against a double', async () => {
  const double = await startTestDouble()
  const failingDouble = await startTestDouble()
  const slowDouble = await startTestDouble()
  for (let call = 0; call < 20; call += 1) {
    failingDouble.reply(json(400, { error: { code: 400, message: 'Invalid request parameters' } }))
    slowDouble.reply(hang)
  }
  const { signal } = new AbortController()
  const connect = async (baseUrl: string) => {
    const catalogue = createOpenRouter({
      baseUrl,
      apiKey: 'sk-test',
      clock: systemClock,
      random: seededRandom(1),
      requestsPerMinute: 1000,
      simulated: true,
    })
    return { catalogue, adapter: await catalogue.adapter('vendor/echo', signal) }
  }
  const good = await connect(double.baseUrl)
  const failing = await connect(failingDouble.baseUrl)
  const slow = await connect(slowDouble.baseUrl)
  return {
    adapter: good.adapter,
    longPrompt: 'a story of some length about a village and its people',
    differentPrompts: ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'],
    unicode: { prompt: 'Grüße, 世界! 🏡🧑‍🌾', answerHolds: 'Grüße, 世界! 🏡🧑‍🌾' },
    failing: failing.adapter,
    slow: slow.adapter,
    close: async () => {
      await Promise.all([good, failing, slow].map(({ catalogue }) => catalogue.close()))
      await Promise.all([double, failingDouble, slowDouble].map((server) => server.close()))
    },
  }
})
