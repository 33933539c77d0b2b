import { expect, test } from 'vitest'
import { namedMetrics } from './metric-words.ts'

test('puts the loss first, names DPO metrics in words and keeps metrics it does not know', () => {
  const metrics = { entropy: 1.234, 'rewards/margins': 0.4567, loss: 0.5, learning_rate: 0.00001 }

  expect(namedMetrics(metrics)).toEqual([
    { name: 'Loss', value: '0.500' },
    { name: 'DPO margin', value: '0.457' },
    { name: 'Learning rate', value: '1.0e-5' },
    { name: 'Entropy', value: '1.23' },
  ])
})
