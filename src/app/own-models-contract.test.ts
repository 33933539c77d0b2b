import { systemClock } from '../kernel/clock.ts'
import type { ModelAdapter } from '../kernel/model-adapter.ts'
import { seededRandom } from '../kernel/random.ts'
import { hang, json, startTestDouble } from '../models/chat-completions/test-double.ts'
import { describeModelAdapter } from '../models/contract.ts'
import { VillageSettings } from '../village/settings.ts'
import { createOwnModels } from './own-models.ts'

describeModelAdapter('Two servers as one model', async () => {
  const good = [await startTestDouble(), await startTestDouble()]
  const failing = [await startTestDouble(), await startTestDouble()]
  const slow = [await startTestDouble(), await startTestDouble()]
  for (let call = 0; call < 20; call += 1) {
    for (const each of failing) each.reply(json(400, { error: { message: 'too long' } }))
    for (const each of slow) each.reply(hang)
  }
  const replicated = (
    doubles: typeof good,
  ): { models: ReturnType<typeof createOwnModels>; adapter: ModelAdapter } => {
    const servers = Object.fromEntries(
      doubles.map(({ baseUrl }, index) => [`server-${index}`, { baseUrl }]),
    )
    const replicas = Object.keys(servers).map((server) => ({ server }))
    const models = createOwnModels({
      settings: VillageSettings.parse({ servers, models: { 'acme/coder': { replicas } } }),
      environment: {},
      clock: systemClock,
      random: seededRandom(2),
    })
    return { models, adapter: models.adapter('acme/coder') as ModelAdapter }
  }
  const groups = [replicated(good), replicated(failing), replicated(slow)] as const
  return {
    adapter: groups[0].adapter,
    longPrompt: 'a story of some length about a village and its people',
    differentPrompts: ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'],
    unicode: { prompt: 'Grüße, 世界! 🏡🧑‍🌾', answerHolds: 'Grüße, 世界! 🏡🧑‍🌾' },
    failing: groups[1].adapter,
    slow: groups[2].adapter,
    close: async () => {
      await Promise.all(groups.map(({ models }) => models.close()))
      await Promise.all([...good, ...failing, ...slow].map((double) => double.close()))
    },
  }
})
