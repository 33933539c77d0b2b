import { expect, test } from 'vitest'
import type { CacheCheck } from '../../kernel/cache-check.ts'
import { SimilarityBands } from './similarity-bands.ts'
import { verifyBands } from './verify-bands.ts'

const terms = { tenant: 'key_1', maxWrongShare: 0.3, delta: 0.4, measure: 'sample' }

/** What the ledger and the state have after so many comparisons of one band, as the village writes them. */
function earned(comparisons: number) {
  const bands = new SimilarityBands(terms)
  const checks: CacheCheck[] = []
  for (let at = 0; at < comparisons; at += 1) {
    const decision = bands.decide(0.99)
    if (decision === null) throw new Error('0.99 lies in the first band')
    checks.push(checkOf(at, decision, decision.isOpen ? `dec_hit_${at}` : null))
    bands.record(decision, false)
  }
  return { bands, checks, saved: bands.snapshot() }
}

function checkOf(
  at: number,
  { band, epoch, probability }: Pick<CacheCheck, 'band' | 'epoch' | 'probability'>,
  hitDecisionId: string | null,
): CacheCheck {
  return {
    id: `check_${at}`,
    tenant: terms.tenant,
    agent: null,
    taskId: `task_${at}`,
    keptDecisionId: 'dec_kept',
    madeDecisionId: `dec_${at}`,
    hitDecisionId,
    similarity: 0.99,
    measure: terms.measure,
    band,
    epoch,
    probability,
    method: 'exact',
    wrong: false,
    checkedAtMs: at,
  }
}

function changed(check: CacheCheck | undefined, change: Partial<CacheCheck>): CacheCheck {
  if (check === undefined) throw new Error('There is no such comparison')
  return { ...check, ...change }
}

test('what opened a band is shown by the comparisons in the ledger', () => {
  const { bands, checks, saved } = earned(60)
  const results = verifyBands('key_1', saved, checks)

  expect(bands.summary()[0]?.open).toBe(true)
  expect(checks.some(({ hitDecisionId }) => hitDecisionId !== null)).toBe(true)
  expect(results).toHaveLength(1)
  expect(results[0]).toMatchObject({ labels: 60, threshold: 0, problems: [] })
  expect(results[0]?.terms.agent).toBe('cache of key_1, similarity from 0.98')
})

test('a band that is still closed claims nothing', () => {
  const { checks, saved } = earned(3)
  expect(verifyBands('key_1', saved, checks)).toMatchObject([{ threshold: null, problems: [] }])
})

test('comparisons that were wrong after all do not open what they opened', () => {
  const { checks, saved } = earned(60)
  const wrong = checks.map((check, at) => changed(check, { wrong: at % 2 === 0 }))

  const [result] = verifyBands('key_1', saved, wrong)
  expect(result?.problems[0]).toMatch(/^threshold 0 was not shown at label/)
})

test('comparisons that the ledger lacks are missed', () => {
  const { checks, saved } = earned(60)
  const [result] = verifyBands('key_1', saved, checks.slice(0, 2))
  expect(result?.problems).toContain('it counts 60 comparisons, of which 2 are recorded')
})

test('an answer that was given before its band was open is found', () => {
  const { checks, saved } = earned(60)
  const early = checks.with(1, changed(checks[1], { hitDecisionId: 'dec_early' }))

  const [result] = verifyBands('key_1', saved, early)
  expect(result?.problems).toEqual([
    'a kept answer was given at comparison 2, before the band was open',
  ])
})

test('a state of another version claims nothing', () => {
  expect(verifyBands('key_1', { version: 99, bands: [] }, [])).toEqual([])
  expect(verifyBands('key_1', null, [])).toEqual([])
})
