import { expect, test } from 'vitest'
import type { NanoUsd } from '../../kernel/money.ts'
import type { ThresholdChange } from '../../kernel/training.ts'
import { CertifiedService } from './certified-service.ts'
import { LocalLatency } from './local-latency.ts'

const roomy = { advised: 0, canShadow: true }
const names = ['Ada', 'Ben', 'Cleo', 'Dora', 'Emil']

function newService(): CertifiedService {
  return new CertifiedService({
    alpha: 0.2,
    delta: 0.2,
    estimateFrontierCost: () => 2_000_000 as NanoUsd,
  })
}

function task(at: number, localReady = true) {
  const content = `Sort the message of ${names[at % names.length]} number ${at} into a queue`
  return { messages: [{ role: 'user' as const, content }], kind: 'king-1', localReady }
}

/** Labels one task after the other; returns the changes that they made. */
function teach(
  service: CertifiedService,
  count: number,
  goodEnough: boolean,
  source: 'shadow' | 'handover' = 'shadow',
): ThresholdChange[] {
  const changes: ThresholdChange[] = []
  for (let at = 0; at < count; at += 1) {
    service.learn('king', service.plan('king', task(at), roomy), { goodEnough, source })
    changes.push(...service.takeChanges('king', at))
  }
  return changes
}

test('serves locally once it is certified, and says why and what weighed', () => {
  const service = newService()

  const before = service.plan('king', task(1), roomy)
  const changes = teach(service, 200, true)
  const after = service.plan('king', task(1), roomy)

  expect(before).toMatchObject({ route: 'frontier', complexity: 1, threshold: 0 })
  expect(after.route).toBe('local')
  expect(after.reason).toContain('certified: at most 20.0 % lost')
  expect(after.weighed.length).toBeGreaterThan(0)
  expect(after.certificate).toMatchObject({ epoch: 1, alpha: 0.2, delta: 0.2 })
  expect(changes.map(({ certificate }) => certificate?.type)).toContain('certified')
})

test('never serves locally what the local model cannot take, nor counts it', () => {
  const service = newService()
  teach(service, 200, true)

  const plan = service.plan('king', task(1, false), roomy)

  expect(plan).toMatchObject({ route: 'frontier', floor: 0 })
  expect(service.marksFor('king', plan)).toEqual([])
})

test('counts no label from a time without room for shadow runs', () => {
  const service = newService()
  teach(service, 200, true)

  const plan = service.plan('king', task(1), { advised: 0, canShadow: false })

  expect(service.marksFor('king', plan)).toEqual([])
  expect(plan.auditProbability).toBeGreaterThan(0)
})

test('a promotion ends the certificate: held-out results teach, and certify nothing', () => {
  const service = newService()
  teach(service, 200, true)
  const heldOut = Array.from({ length: 150 }, (_, at) => ({ ...task(at), goodEnough: true }))

  service.restart('king', 'next', heldOut)

  expect(service.plan('king', task(1), roomy).route).toBe('frontier')
  expect(service.takeChanges('king', 1).map(({ certificate }) => certificate?.type)).toEqual([
    'opened',
  ])
})

test.each([
  [0, /^120 labels, .*; 120 answers, (?!not judged)/u],
  [1, /; 0 answers, not judged$/u],
])(
  'the first scorer judges answers as the gate saw them, but for %i further samples of each',
  (agreementSamples, scorer) => {
    const service = new CertifiedService({
      alpha: 0.2,
      delta: 0.2,
      estimateFrontierCost: () => 2_000_000 as NanoUsd,
      cascade: { maxAddedLatencyMs: 1000, streamPrefixTokens: 48, agreementSamples },
    })
    const heldOut = Array.from({ length: 120 }, (_, at) => {
      const goodEnough = at % 3 !== 0
      const logProbability = Math.log(goodEnough ? 0.99 : 0.4)
      return {
        ...task(at),
        goodEnough,
        testsPassed: null,
        answer: {
          text: 'billing',
          isCutOff: false,
          meanLogProbability: logProbability,
          leastLogProbability: logProbability,
          latencyMs: 100,
          tokens: 4,
        },
      }
    })

    service.restart('king', 'next', heldOut)

    const [opened] = service.takeChanges('king', 1)
    expect(opened?.certificate).toMatchObject({
      type: 'opened',
      terms: { scorer: expect.stringMatching(scorer) as string },
    })
    // The gate's own latencies say whether there is time to judge.
    expect(service.plan('king', task(1), roomy).task.leastStay).toBeGreaterThan(0)
  },
)

test('after a restart everything is earned anew, on the part of delta that is left', () => {
  const [before, after] = [newService(), newService()]
  const changes = teach(before, 200, true)

  after.restore(changes, () => null)
  const again = teach(after, 110, true)

  expect(after.plan('sage', task(1), roomy).route).toBe('frontier')
  const opened = again.flatMap(({ certificate }) =>
    certificate?.type === 'opened' ? [certificate.terms.epoch] : [],
  )
  const spent = changes.filter(({ certificate }) => certificate?.type === 'opened').length
  expect(opened).toEqual([spent + 1])
})

test('a handover counts as a label that was sure to come', () => {
  const [shadowed, handed] = [newService(), newService()]

  const changes = teach(shadowed, 200, true)

  expect(changes.map(({ certificate }) => certificate?.type)).toContain('certified')
  expect(teach(handed, 200, true, 'handover')).toEqual(changes)
})

test('waits for a scorer that is made elsewhere, and goes on without one that could not be', async () => {
  const fits: ((scorer: null) => void)[] = []
  const service = new CertifiedService({
    alpha: 0.2,
    delta: 0.2,
    estimateFrontierCost: () => 2_000_000 as NanoUsd,
    fit: () => new Promise((resolve) => void fits.push(resolve)),
  })
  teach(service, 120, true)
  let isFitted = false
  const waiting = service.fitted('king').then(() => (isFitted = true))

  await Promise.resolve()
  const before = isFitted
  fits[0]?.(null)
  await waiting

  expect(before).toBe(false)
  expect(service.plan('king', task(1), roomy).route).toBe('frontier')
  expect(service.takeChanges('king', 1)).toEqual([])
})

test('expects of a stream the time to its prefix, and turns the cascade off above the bound', () => {
  const latency = new LocalLatency({ msPerToken: null })
  const service = (maxAddedLatencyMs: number): CertifiedService =>
    new CertifiedService({
      alpha: 0.2,
      delta: 0.2,
      estimateFrontierCost: () => 2_000_000 as NanoUsd,
      cascade: { maxAddedLatencyMs, streamPrefixTokens: 20, agreementSamples: 1 },
      latency,
    })
  const leastStay = (of: CertifiedService, streamed: boolean) =>
    of.plan('king', { ...task(1), streamed }, roomy).task.leastStay

  const unknown = leastStay(service(1000), false)
  latency.observe('king', 'king-1', { latencyMs: 400, tokens: 100 })

  expect(unknown).toBeNull()
  expect(leastStay(service(0), true)).toBeNull()
  expect(leastStay(service(320), true)).toBeCloseTo(0.2)
  // A second sample takes as long again.
  expect(leastStay(service(799), false)).toBeNull()
  expect(leastStay(service(800), false)).toBe(0.5)
})

test('certifies nothing from labels that contradict each other, nor from losses alone', () => {
  const contradicted = newService()
  const lost = newService()

  for (let at = 0; at < 600; at += 1) {
    const plan = contradicted.plan('king', task(0), roomy)
    contradicted.learn('king', plan, { goodEnough: at % 2 === 0, source: 'shadow' })
  }
  teach(lost, 600, false)

  expect(contradicted.plan('king', task(0), roomy)).toMatchObject({ route: 'frontier' })
  expect(lost.plan('king', task(1), roomy)).toMatchObject({ route: 'frontier', threshold: 0 })
})

test('counts labels and not time: a clock that goes backwards changes nothing', () => {
  const forwards = newService()
  const backwards = newService()

  const changes = [forwards, backwards].map((service, sign) => {
    const made: ThresholdChange[] = []
    for (let at = 0; at < 200; at += 1) {
      service.learn('king', service.plan('king', task(at), roomy), {
        goodEnough: true,
        source: 'shadow',
      })
      made.push(...service.takeChanges('king', sign === 0 ? at : 1000 - at))
    }
    return made.map(({ certificate }) => certificate)
  })

  expect(changes[0]).toEqual(changes[1])
  expect(backwards.plan('king', task(1), roomy).route).toBe('local')
})
