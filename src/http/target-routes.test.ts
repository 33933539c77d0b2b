import { expect, test } from 'vitest'
import type { Target } from '../kernel/target.ts'
import type { SettableTargets } from '../village/planning/target-view.ts'
import { startKeyedServer } from './keyed-server.ts'

function settable() {
  const set: (readonly [string, Target])[] = []
  const targets: SettableTargets = {
    set: async (agent, target) => {
      set.push([agent, target])
      return { ...target, words: 'as it was set', boundsQuality: 'alpha' in target, unmet: null }
    },
  }
  return { set, targets }
}

test('an operator sets a target of quality, money or time, and gets it back in words', async () => {
  const { set, targets } = settable()
  const { issue, send } = await startKeyedServer({ targets })
  const { key } = await issue({ role: 'operator' })

  const answers = [
    await send(key, 'POST', '/village/targets/king', { alpha: 0.02 }),
    await send(key, 'POST', '/village/targets/sage', { budget_usd_per_day: 2.5 }),
    await send(key, 'POST', '/village/targets/magi', { latency_ms: 900 }),
  ]

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(await answers[1]?.json()).toMatchObject({ budgetUsdPerDay: 2.5, boundsQuality: false })
  expect(set).toEqual([
    ['king', { alpha: 0.02, delta: 0.1 }],
    ['sage', { budgetUsdPerDay: 2.5 }],
    ['magi', { latencyMs: 900 }],
  ])
})

test.each([
  [{}, 'Say one thing'],
  [{ alpha: 0.02, latency_ms: 900 }, 'Say one thing'],
  [{ alpha: 0.7 }, 'alpha'],
  [{ budget_usd_per_day: -1 }, 'budgetUsdPerDay'],
  [{ quality: 1 }, 'quality'],
  [null, 'wrong shape'],
])('refuses the target %j and says what is wrong with it', async (body, words) => {
  const { set, targets } = settable()
  const { issue, send } = await startKeyedServer({ targets })
  const { key } = await issue({ role: 'owner' })

  const answer = await send(key, 'POST', '/village/targets/king', body)

  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain(words)
  expect(set).toEqual([])
})

test('refuses an agent that there is not, and a key that only watches', async () => {
  const { set, targets } = settable()
  const { issue, send } = await startKeyedServer({ targets })
  const { key } = await issue({ role: 'owner' })
  const { key: watching } = await issue({ role: 'viewer' })

  const unknown = await send(key, 'POST', '/village/targets/jester', { alpha: 0.02 })
  const forbidden = await send(watching, 'POST', '/village/targets/king', { alpha: 0.02 })

  expect([unknown.status, forbidden.status]).toEqual([404, 403])
  expect(set).toEqual([])
})
