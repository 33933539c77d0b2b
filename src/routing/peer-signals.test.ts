import { expect, test } from 'vitest'
import { resultOf } from './answer-signals.ts'
import { peerSignalNames, peerSignals } from './peer-signals.ts'

const read = (answer: string) => ({ answer, result: resultOf(answer) })

function signal(name: (typeof peerSignalNames)[number], own: string, ...peers: string[]): number {
  const values = peerSignals(read(own), peers.map(read))
  return values[peerSignalNames.indexOf(name)] ?? Number.NaN
}

test('results agree exactly letter for letter, whatever quotes are round them', () => {
  const exactly = 'peers with exactly the same result'

  expect(signal(exactly, '{"answer": "Abc"}', '{"answer": "Abc"}', `The answer is 'Abc'`)).toBe(1)
  expect(signal(exactly, '{"answer": "Abc"}', '{"answer": "ABC"}')).toBe(0)
})

test('tells how many peers agree with each other, with the answer or against it', () => {
  const agree = 'peers that agree with each other'

  expect(signal(agree, '#### 3', '#### 4', '#### 4')).toBe(1)
  expect(signal(agree, '#### 4', '#### 4', '#### 5')).toBe(0.5)
})

test('working with the same numbers or words counts, of the nearest peer', () => {
  const own = 'There are 12 apples, so 24 halves. #### 24'

  expect(signal('numbers shared with a peer', own, '12 and 24 #### 24', 'who knows')).toBe(1)
  expect(signal('words shared with a peer', own, 'apples have halves', '#### 24')).toBe(0.5)
})

test('without peers nothing is said', () => {
  expect(peerSignals(read('#### 3'), [])).toEqual(peerSignalNames.map(() => 0.5))
})
