import { expect, test } from 'vitest'
import { createTokenText } from './token-text.ts'

/** Every byte is a token, as in the smallest byte-level vocabularies. */
const bytesAsText = (tokens: readonly number[]) => Buffer.from(tokens).toString('utf8')

test('a character comes out when its last byte is there', () => {
  const tokenText = createTokenText<number>(bytesAsText)

  const pieces = [...Buffer.from('aé🏡')].map((byte) => tokenText.add(byte))

  expect(pieces).toEqual(['a', '', 'é', '', '', '', '🏡'])
  expect(tokenText.rest()).toBe('')
})

test('bytes that are no character do not hold the text back for ever', () => {
  const tokenText = createTokenText<number>(bytesAsText)

  const pieces = [0xf0, 0x41, 0x42].map((byte) => tokenText.add(byte))

  expect(pieces.join('') + tokenText.rest()).toBe('\uFFFDAB')
})

test('an answer cut in the middle of a character shows that something is missing', () => {
  const tokenText = createTokenText<number>(bytesAsText)
  tokenText.add(0xc3)

  expect(tokenText.rest()).toBe('\uFFFD')
})
