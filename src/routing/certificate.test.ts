import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CertificateTerms } from '../kernel/certificate.ts'
import { seededRandom } from '../kernel/random.ts'
import { certifiedThreshold, deltaOfEpoch, recordLabel, startCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'

const terms: CertificateTerms = {
  version: 2,
  agent: 'king',
  checkpoint: 'abc',
  epoch: 1,
  scorer: 'scorer-1',
  alpha: 0.1,
  delta: 0.1,
  thresholds: [0.2, 0.5, 0.8],
  expectedLoss: [0.02, 0.04, 0.1],
}

function wealthAt(certificate: Certificate, at: number): number {
  return Math.exp(certificate.evidence[at]?.logWealth ?? Number.NaN)
}

function after(
  certificate: Certificate,
  labels: number,
  label: Partial<Parameters<typeof recordLabel>[1]>,
): Certificate {
  let last = certificate
  for (let count = 0; count < labels; count += 1) {
    last = recordLabel(last, { score: 0.1, probability: 1, floor: 1, loss: false, ...label })
  }
  return last
}

test('expects no gain from any bet where the loss is exactly alpha, whatever came before', () => {
  const probability = fc.double({ min: 0.01, max: 1, noNaN: true })
  const history = fc.array(fc.record({ loss: fc.boolean(), probability, share: probability }), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(history, probability, probability, (labels, next, share) => {
      let certificate = startCertificate(terms)
      for (const label of labels) {
        certificate = recordLabel(certificate, {
          score: 0.1,
          probability: label.probability,
          floor: label.probability * label.share,
          loss: label.loss,
        })
      }
      const before = wealthAt(certificate, 0)
      const label = { score: 0.1, probability: next, floor: next * share }
      const good = wealthAt(recordLabel(certificate, { ...label, loss: false }), 0)
      const bad = wealthAt(recordLabel(certificate, { ...label, loss: true }), 0)

      const expected = next * ((1 - terms.alpha) * good + terms.alpha * bad) + (1 - next) * before

      expect(bad).toBeGreaterThan(0)
      expect(Math.abs(expected / before - 1)).toBeLessThan(1e-9)
    }),
  )
})

test('says too much of a threshold that loses just over alpha in at most delta of all runs', () => {
  const runs = 400
  let wrong = 0
  for (let seed = 1; seed <= runs; seed += 1) {
    const random = seededRandom(seed)
    let certificate = startCertificate({ ...terms, thresholds: [0.5], expectedLoss: [0.02] })
    for (let count = 0; count < 600; count += 1) {
      const probability = random() < 0.5 ? 1 : 0.4
      if (random() >= probability) continue
      certificate = recordLabel(certificate, {
        score: 0.3,
        probability,
        floor: 0.4,
        loss: random() < 0.101,
      })
    }
    if (certificate.certified > 0) wrong += 1
  }

  // Epoch 1 has half of delta; three standard errors of 400 runs.
  expect(wrong / runs).toBeLessThan(deltaOfEpoch(terms) + 0.033)
})

test('certifies a local model that is right, within the labels that its bets need', () => {
  const certificate = after(startCertificate(terms), 120, {})

  expect(certificate.certified).toBe(3)
  expect(certificate.labelsToFirst).toBeLessThan(40)
  expect(certifiedThreshold(certificate)).toBe(0.8)
})

test('goes no further than the first threshold that is not shown', () => {
  let certificate = startCertificate(terms)
  for (let count = 0; count < 400; count += 1) {
    certificate = recordLabel(certificate, {
      score: count % 2 === 0 ? 0.1 : 0.4,
      probability: 1,
      floor: 1,
      loss: count % 2 === 1 && count % 3 === 0,
    })
  }

  expect(certifiedThreshold(certificate)).toBe(0.2)
})

test('certifies nothing without labels, and nothing from losses or failed audits alone', () => {
  const start = startCertificate(terms)

  expect(certifiedThreshold(start)).toBeNull()
  expect(certifiedThreshold(after(start, 500, { loss: true }))).toBeNull()
  expect(certifiedThreshold(after(start, 500, { loss: null }))).toBeNull()
})

test('takes a failed audit for a loss', () => {
  const start = startCertificate(terms)

  expect(after(start, 1, { loss: null }).evidence).toEqual(after(start, 1, { loss: true }).evidence)
})

test('leaves thresholds below the score alone', () => {
  const certificate = after(startCertificate(terms), 5, { score: 0.4 })

  expect(certificate.evidence.map(({ labels }) => labels)).toEqual([0, 5, 5])
})

test('shares delta out over all epochs of a checkpoint', () => {
  const parts = Array.from({ length: 1000 }, (_, at) => deltaOfEpoch({ delta: 0.1, epoch: at + 1 }))

  const sum = parts.reduce((total, part) => total + part, 0)

  expect(sum).toBeLessThan(0.1)
  expect(sum).toBeGreaterThan(0.0999)
})

test('refuses terms and labels that mean nothing', () => {
  const certificate = startCertificate(terms)
  const label = { score: 0.1, probability: 0.5, floor: 0.5, loss: false }

  expect(() => startCertificate({ ...terms, alpha: 0 })).toThrow(RangeError)
  expect(() => startCertificate({ ...terms, delta: Number.NaN })).toThrow(RangeError)
  expect(() => startCertificate({ ...terms, epoch: 0 })).toThrow(RangeError)
  expect(() => startCertificate({ ...terms, thresholds: [0.5, 0.2, 0.8] })).toThrow(RangeError)
  expect(() => startCertificate({ ...terms, expectedLoss: [] })).toThrow(RangeError)
  expect(() => recordLabel(certificate, { ...label, score: Number.NaN })).toThrow(RangeError)
  expect(() => recordLabel(certificate, { ...label, probability: 0 })).toThrow(RangeError)
  expect(() => recordLabel(certificate, { ...label, floor: 0.6 })).toThrow(RangeError)
})
