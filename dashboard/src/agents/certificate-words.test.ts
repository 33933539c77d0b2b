import { expect, test } from 'vitest'
import { certificateSentence } from './certificate-words.ts'

const certificate = {
  epoch: 2,
  alpha: 0.03,
  delta: 0.1,
  checkpoint: 'abc',
  threshold: 0.04,
  labels: 700,
  counted: 512,
  losses: 6,
  auditProbability: 0.05,
}

test('says what is certified, and on how many comparisons that rests', () => {
  const sentence = certificateSentence(certificate)

  expect(sentence).toBe('No. 2: at most 3.0 % lost with 90 % confidence; 6 lost of 512 compared')
})

test('says of a certificate that is still being earned that nothing stays local yet', () => {
  const sentence = certificateSentence({ ...certificate, threshold: 0 })

  expect(sentence).toContain('is being earned')
  expect(sentence).toContain('until then all goes to the frontier')
})
