import { expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { deriveSeed, seededRandom } from '../../src/kernel/random.ts'
import { createOwnModels } from '../../src/app/own-models.ts'
import { VillageSettings } from '../../src/village/settings.ts'
import { startChaoticReplicas } from './chaotic-replicas.ts'
import { leftAfter, runChaos, type ChaosReply } from './run-chaos.ts'

const seed = 1
/** Long enough for a busy machine: a healthy replica must never look dead. */
const timeoutMs = 1000

test('no client sees a failure while one of two replicas is well', async () => {
  const replicas = await startChaoticReplicas({
    random: seededRandom(deriveSeed(seed, 'faults')),
    answersPerPhase: 60,
  })
  const [north, south] = replicas.baseUrls
  const models = createOwnModels({
    settings: VillageSettings.parse({
      servers: { north: { baseUrl: north, timeoutMs }, south: { baseUrl: south, timeoutMs } },
      models: { 'acme/chaos': { replicas: [{ server: 'north' }, { server: 'south' }] } },
    }),
    environment: {},
    clock: systemClock,
    random: seededRandom(deriveSeed(seed, 'balancing')),
  })
  const adapter = models.adapter('acme/chaos')
  const ask = async (
    prompt: string,
    streamed: boolean,
    signal: AbortSignal,
  ): Promise<ChaosReply> => {
    let text = ''
    const request = { messages: [{ role: 'user' as const, content: prompt }], sampling: {} }
    try {
      if (!streamed) {
        const answer = await adapter?.answer(request, { signal })
        return { text: answer?.text ?? '', error: null }
      }
      for await (const event of adapter?.stream(request, { signal }) ?? []) {
        if (event.type === 'text') text += event.text
      }
      return { text, error: null }
    } catch (error) {
      return { text, error: error as Error }
    }
  }

  const report = await runChaos({ replicas, requests: 1000, concurrency: 16, ask })

  expect(report).toMatchObject({ failures: [], wrong: [], hung: 0 })
  expect(report.answered + report.brokenAndTold).toBe(1000)
  expect(report.brokenAndTold).toBe(replicas.broken.size)
  expect(replicas.repeated).toEqual([])
  expect(Object.entries(replicas.injected).filter(([, count]) => count === 0)).toEqual([])
  const [status] = models.status()
  expect(status?.replicas.map(({ outstanding }) => outstanding)).toEqual([0, 0])
  replicas.calm()
  expect(await leftAfter(() => replicas.openRequests(), 5000)).toBe(0)
  await models.close()
  expect(await leftAfter(() => replicas.openSockets(), 5000)).toBe(0)
  await replicas.close()
})
