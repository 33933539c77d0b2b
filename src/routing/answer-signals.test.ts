import { expect, test } from 'vitest'
import { answerSignalNames, answerSignals, normalised, resultOf } from './answer-signals.ts'

function signal(
  name: (typeof answerSignalNames)[number],
  answer: string,
  peers: readonly string[] = [],
): number {
  const signals = answerSignals({ prompt: 'How many?', answer, peers, confidence: null })
  return signals[answerSignalNames.indexOf(name)] ?? Number.NaN
}

test.each([
  ['{"reasoning": "3 and 4", "answer": "7"}', '7'],
  ['so it is 12.\n#### 18', '18'],
  ['we get \\boxed{x+1} in the end', 'x+1'],
  ['2 lamps. The answer is (C).', 'C'],
  ['The answer is: blue whales.', 'blue whales'],
  ['first 3, then 1,200', '1,200'],
  ['no number at all\nbut a line', 'but a line'],
])('reads the result of %j', (answer, result) => {
  expect(resultOf(answer)).toBe(result)
})

test('reads no result from nothing', () => {
  expect(resultOf('')).toBeNull()
  expect(resultOf(' \n ')).toBeNull()
})

test('compares results and not how they are written', () => {
  expect(normalised('$1,200.00')).toBe(normalised('1200'))
  expect(normalised('"Blue"')).toBe('blue')
  expect(normalised('[(4, 1), (2, 3)]')).toBe(normalised('[(4,1),(2,3)]'))
  expect(normalised('12')).not.toBe(normalised('21'))
})

test('counts the peers that say the same, and sees them stand together against it', () => {
  expect(signal('peers with the same result', '#### 7', ['it is 7', 'it is 8'])).toBe(0.5)
  expect(signal('the first peer has the same result', '#### 7', ['it is 7', 'it is 8'])).toBe(1)
  expect(signal('peers against it with one voice', '#### 7', ['it is 8', 'it is 8'])).toBe(1)
  expect(signal('peers against it with one voice', '#### 7', ['it is 8', 'it is 9'])).toBe(0)
})

test('checks the sums that stand in the answer', () => {
  expect(signal('right sums', '16 - 3 = 13 and 13 - 4 = 9, 9 * $2 = $18')).toBe(3)
  expect(signal('wrong sums', '16 - 3 = 12')).toBe(1)
  expect(signal('wrong sums', 'nothing to add')).toBe(0)
})

test('notices doubt and an answer that is broken off', () => {
  expect(signal('doubt in words', 'I am not sure, however')).toBe(2)
  expect(signal('the answer is broken off', 'and therefore we')).toBe(1)
  expect(signal('the answer is broken off', 'That is all.')).toBe(0)
})

test('gives numbers for anything, in bounded time', () => {
  const hostile = [
    '',
    '1+'.repeat(50_000),
    '"answer":"'.repeat(5000),
    '\\boxed{'.repeat(5000),
    '9'.repeat(100_000),
    `${'1 + '.repeat(4000)}= 3`,
    '\u{1F600}'.repeat(10_000),
  ]
  const before = performance.now()
  for (const answer of hostile) {
    const signals = answerSignals({ prompt: answer, answer, peers: [answer], confidence: 1 })

    expect(signals).toHaveLength(answerSignalNames.length)
    expect(signals.every((value) => Number.isFinite(value))).toBe(true)
  }
  expect(performance.now() - before).toBeLessThan(10_000)
})

test('says whether JSON was given where it was asked for, and what was left open or cut off', () => {
  const signalsOf = (prompt: string, answer: string, more = {}) => {
    const signals = answerSignals({ prompt, answer, peers: [], confidence: null, ...more })
    return (name: (typeof answerSignalNames)[number]) => signals[answerSignalNames.indexOf(name)]
  }
  const json = 'Give the address as JSON'

  expect(signalsOf(json, '{"city": "Ulm"}')('JSON as it was asked for')).toBe(1)
  expect(signalsOf(json, '```json\n{"a": 1}\n```')('JSON as it was asked for')).toBe(1)
  expect(signalsOf(json, '{"city": ')('JSON as it was asked for')).toBe(-1)
  expect(signalsOf(json, '{"ci', { isWhole: false })('JSON as it was asked for')).toBe(0)
  expect(signalsOf('How many?', '{"city": ')('JSON as it was asked for')).toBe(0)
  expect(signalsOf('', 'f(g(x)')('brackets left open')).toBe(1)
  expect(signalsOf('', 'f(g(x)))')('brackets left open')).toBe(1)
  expect(signalsOf('', '7', { testsPassed: false })('tests passed')).toBe(-1)
  expect(signalsOf('', '7', { testsPassed: true })('tests passed')).toBe(1)
  expect(signalsOf('', '7', { isCutOff: true })('cut off by the limit')).toBe(1)
  expect(signalsOf('', '7', { leastConfidence: 0.25 })('confidence in the least sure token')).toBe(
    0.25,
  )
})
