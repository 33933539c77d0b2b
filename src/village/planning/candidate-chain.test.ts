import { expect, test } from 'vitest'
import type { Comparison } from '../../kernel/comparison.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import { seededRandom } from '../../kernel/random.ts'
import { CandidateChain } from './candidate-chain.ts'
import type { CandidatePlan } from './candidate-chain.ts'
import { CertifiedService } from './certified-service.ts'

const target = { alpha: 0.2, delta: 0.2 }
const models = ['vendor/cheapest', 'vendor/cheap']

function newChain(): CandidateChain {
  return new CandidateChain({
    models: { king: models, sage: [], magi: [] },
    makeService: () =>
      new CertifiedService({ ...target, estimateFrontierCost: () => 1_000 as NanoUsd }),
    random: seededRandom(1),
  })
}

function task(at: number) {
  const name = ['Ada', 'Ben', 'Cleo', 'Dora'][at % 4]
  const content = `Sort the message of ${name} number ${at} into a queue`
  return { messages: [{ role: 'user' as const, content }], kind: 'king-1' }
}

function compared({ model }: CandidatePlan, isRight: boolean): Comparison {
  return {
    id: 'cmp',
    taskId: 'task',
    agent: 'king',
    kind: 'king-1',
    candidateInteractionId: 'int',
    referenceInteractionId: 'ref',
    checkpoint: model,
    method: 'exact',
    source: 'shadow',
    verdict: isRight ? 'both' : 'reference-only',
    probability: 1,
    comparedAtMs: 0,
  }
}

/** Sends tasks and counts what is known of the candidates by them; returns who served. */
async function play(
  chain: CandidateChain,
  count: number,
  isRight: (model: string) => boolean,
): Promise<readonly (string | null)[]> {
  const served: (string | null)[] = []
  for (let at = 0; at < count; at += 1) {
    const plan = chain.plan('king', task(at))
    served.push(plan?.serving?.model ?? null)
    const known = [plan?.audit === true ? plan.serving : null, plan?.checked ?? null]
    for (const one of known) {
      if (one !== null) await chain.certify('king', one, compared(one, isRight(one.model)), at)
    }
  }
  return served
}

test('an agent without candidates takes no coin and has no plan', () => {
  const chain = newChain()

  expect(chain.plan('sage', task(1))).toBeNull()
  expect(chain.boundedModels('sage')).toBe(1)
})

test('the cheapest candidate that is certified serves', async () => {
  const chain = newChain()

  const before = await play(chain, 100, () => true)
  await play(chain, 4000, () => true)
  const after = await play(chain, 50, () => true)

  expect(new Set(before)).toEqual(new Set([null]))
  expect(new Set(after)).toContain('vendor/cheapest')
  expect(chain.leastReference('king')).toBeLessThan(1)
})

test('a cheaper candidate that is not good enough is passed over, and a dearer one may serve', async () => {
  const chain = newChain()

  await play(chain, 4000, (model) => model === 'vendor/cheap')
  const after = await play(chain, 50, (model) => model === 'vendor/cheap')

  expect(after).not.toContain('vendor/cheapest')
  expect(after).toContain('vendor/cheap')
})

test('when other tasks reach the candidates, nothing that was certified of them counts any more', async () => {
  const chain = newChain()
  await play(chain, 4000, () => true)
  const planned = chain.plan('king', task(1))?.serving ?? null
  const before = chain.view('king')[0]?.certificate

  chain.recertify('king')
  const after = chain.plan('king', task(1))
  const late =
    planned === null ? [] : await chain.certify('king', planned, compared(planned, true), 1)

  expect(before?.threshold).toBeGreaterThan(0)
  expect(after?.serving).toBeNull()
  expect(chain.view('king')[0]?.certificate?.epoch).toBeGreaterThan(before?.epoch ?? 0)
  expect(late).toEqual([])
  expect(planned === null ? null : chain.marked('king', planned, compared(planned, true))).toEqual(
    planned === null ? null : compared(planned, true),
  )
})

test('no label is less likely than the floor that its bet is made at', async () => {
  const chain = newChain()
  for (let at = 0; at < 3000; at += 1) {
    const plan = chain.plan('king', task(at))
    for (const one of [plan?.serving ?? null, plan?.checked ?? null]) {
      if (one === null) continue
      const { auditProbability, shadowProbability, floor, route } = one.certified
      const probability = route === 'local' ? auditProbability : shadowProbability
      expect(floor).toBeGreaterThan(0)
      expect(floor).toBeLessThanOrEqual(probability)
    }
    const { checked = null } = plan ?? {}
    if (checked !== null) await chain.certify('king', checked, compared(checked, true), at)
  }
})

test('counts nothing while there is no money for checks, and a check that was refused as a loss', async () => {
  const [whole, refusing] = [newChain(), newChain()]
  const countedOf = (chain: CandidateChain) => chain.view('king')[0]?.certificate?.losses ?? 0
  await play(whole, 3000, () => true)

  for (let at = 0; at < 3000; at += 1) {
    const plan = refusing.plan('king', task(at))
    for (const one of [plan?.audit === true ? plan.serving : null, plan?.checked ?? null]) {
      if (one !== null)
        await refusing.certify('king', one, at % 5 === 0 ? null : compared(one, true), at)
    }
  }
  const floors = Array.from({ length: 60 }, (_, at) => refusing.plan('king', task(at), false))
    .flatMap((plan) => [plan?.serving, plan?.checked])
    .flatMap((one) => one?.certified.floor ?? [])

  expect(countedOf(whole)).toBe(0)
  expect(countedOf(refusing)).toBeGreaterThan(0)
  expect(floors.length).toBeGreaterThan(0)
  expect(floors.every((floor) => floor === 0)).toBe(true)
})
