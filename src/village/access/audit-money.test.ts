import { expect, test } from 'vitest'
import { noBudgets } from '../../kernel/api-key.ts'
import type { ChatRequest } from '../../kernel/chat.ts'
import { nanoUsdFromUsd } from '../../kernel/money.ts'
import type { ModelDescription } from '../../kernel/model-adapter.ts'
import { mostCostOf } from '../../safety/cost-bound.ts'
import { AuditMoney } from './audit-money.ts'
import { Spending } from './spending.ts'

const dayMs = 86_400_000
const request: ChatRequest = {
  messages: [{ role: 'user', content: 'Hello' }],
  sampling: { maxTokens: 100 },
}

/** A model whose price is such that the request may cost so much at most. */
function describedAt(usd: number): ModelDescription {
  const priced = (price: number) =>
    ({ contextLength: 4096, price: { prompt: price, completion: price } }) as ModelDescription
  const perPrice = mostCostOf(request, priced(1_000_000)) / 1_000_000
  return priced(Math.round(nanoUsdFromUsd(usd) / perPrice))
}

function open(budgetUsd: number) {
  const time = { nowMs: Date.UTC(2026, 0, 1) }
  const clock = { now: () => time.nowMs } as ConstructorParameters<typeof Spending>[0]['clock']
  const spending = new Spending({
    clock,
    budgets: { ...noBudgets, day: nanoUsdFromUsd(budgetUsd) },
  })
  return { time, spending, money: new AuditMoney(spending) }
}

test('after a refusal there is no money until there is room for a call as dear', () => {
  const { time, spending, money } = open(1)
  spending.charge(null, nanoUsdFromUsd(0.8), time.nowMs)
  money.noteRefused(request, describedAt(0.4))
  money.noteRefused(request, describedAt(0.3))
  const today = money.isThere()
  time.nowMs += dayMs

  expect(today).toBe(false)
  expect(money.isThere()).toBe(true)
})

test('an audit that no budget could ever pay is not waited for', () => {
  const { money } = open(1)
  money.noteRefused(request, describedAt(1.5))

  expect(money.isThere()).toBe(true)
})
