import { expect, test } from 'vitest'
import type { ComplexityEstimate } from './complexity-estimate.ts'
import { decideRoute, mayAnswerInOutage } from './decide-route.ts'

const known: ComplexityEstimate = {
  complexity: 0.04,
  policy: 'learned',
  evidence: { overall: 150, ofKind: 130, kindLabels: 143, kindGood: 139, kindGoodShare: 0.97 },
  weights: [],
  rates: { start: 0.5, agent: 0.5, kind: 0.5 },
}
const input = {
  estimate: known,
  threshold: 0.1,
  policy: 'learned',
  localReady: true,
  auditCoin: 0.5,
  auditProbability: 0.1,
} as const

test('serves locally what was shown to be good enough, and says why', () => {
  const decision = decideRoute(input)

  expect(decision).toEqual({
    route: 'local',
    reason:
      'Local: 97 % of tasks of this kind were good enough in 143 checks (complexity 0.04 < threshold 0.10).',
    audited: false,
    auditProbability: 0.1,
  })
})

test('audits when the coin falls below the probability', () => {
  const decision = decideRoute({ ...input, auditCoin: 0.09 })

  expect(decision.audited).toBe(true)
})

test.each([
  ['the local model is not ready', { localReady: false }],
  ['the threshold is closed', { threshold: 0 }],
  ['the complexity reaches the threshold', { threshold: 0.04 }],
  ['the complexity is no number', { estimate: { ...known, complexity: Number.NaN } }],
  ['the local model is mostly unsure of its answers to the kind', { sureShare: 0.49 }],
  [
    'too few checks of the kind were made',
    { estimate: { ...known, evidence: { ...known.evidence, kindLabels: 11 } } },
  ],
])('asks the frontier when %s', (_, change) => {
  const decision = decideRoute({ ...input, auditCoin: 0, ...change })

  expect(decision).toMatchObject({ route: 'frontier', audited: false, auditProbability: 0 })
  expect(decision.reason).toMatch(/^Frontier: .*\.$/)
})

test('says of which answers it speaks where only sure ones leave', () => {
  expect(decideRoute({ ...input, sureShare: 0.5 })).toMatchObject({
    route: 'local',
    reason: expect.stringContaining('97 % of sure answers to tasks of this kind') as string,
  })
})

test('asks for no evidence under the first formula', () => {
  const evidence = { overall: 0, ofKind: 0, kindLabels: 0, kindGood: 0, kindGoodShare: null }
  const estimate = { ...known, complexity: 0.5, policy: 'first-formula', evidence } as const

  const decision = decideRoute({ ...input, estimate, policy: 'first-formula', threshold: 0.6 })

  expect(decision.route).toBe('local')
})

test('stands in for a dead frontier only where the local answer is likely good', () => {
  const unknown = { ...known, policy: 'first-formula' } as const

  expect(mayAnswerInOutage(known, 0.85)).toBe(true)
  expect(mayAnswerInOutage({ ...known, complexity: 0.3 }, 0.85)).toBe(false)
  expect(mayAnswerInOutage(unknown, 0.85)).toBe(false)
})
