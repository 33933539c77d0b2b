import { expect, test } from 'vitest'
import { kindOfTarget, numberOfTarget, targetBody } from './target-wish.ts'

const rest = { words: '', boundsQuality: true, unmet: null }
const quality = { ...rest, alpha: 0.03, delta: 0.05 }

test('shows a share of lost answers as a percentage and sends it as a share', () => {
  const shown = numberOfTarget(quality, kindOfTarget(quality))

  expect(shown).toBe(3)
  expect(targetBody('quality', 7, quality)).toEqual({ alpha: 0.07, delta: 0.05 })
})

test('knows a target of money and one of time, and has no number for another kind', () => {
  const budget = { ...rest, budgetUsdPerDay: 2.5 }
  const latency = { ...rest, latencyMs: 800 }

  expect([kindOfTarget(budget), kindOfTarget(latency)]).toEqual(['budget', 'latency'])
  expect(numberOfTarget(budget, 'latency')).toBeNull()
  expect(targetBody('budget', 4, budget)).toEqual({ budget_usd_per_day: 4 })
  expect(targetBody('latency', 900, budget)).toEqual({ latency_ms: 900 })
})
