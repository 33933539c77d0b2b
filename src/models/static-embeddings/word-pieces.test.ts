import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { wordPieces } from './word-pieces.ts'

const vocabulary = readFileSync(new URL('minilm-l6-v2/vocabulary.txt', import.meta.url), 'utf8')
  .split('\n')
  .slice(0, -1)
const piecesOf = wordPieces(vocabulary)

/** As the tokenizer of the model itself cuts them. */
const references: readonly (readonly [string, string])[] = [
  ['What is the capital of France?', 'what is the capital of france ?'],
  [
    'Naïve café: $5.99 (20% off) — don\u2019t!',
    'naive cafe : $ 5 . 99 ( 20 % off ) — don \u2019 t !',
  ],
  [
    'unbelievably antidisestablishmentarianism x=3^2|a_b',
    'un ##bel ##ie ##va ##bly anti ##dis ##est ##ab ##lish ##ment ##arian ##ism x = 3 ^ 2 | a _ b',
  ],
  ['Ελληνικά', 'ε ##λ ##λ ##η ##ν ##ι ##κ ##α'],
  [
    'He said "it\'s `code`" #1 @home ~5 <b> a+b',
    'he said " it \' s ` code ` " # 1 @ home ~ 5 < b > a + b',
  ],
]

test.for(references)('cuts %j as the model does', ([text, pieces]) => {
  expect(
    piecesOf(text)
      .map((at) => vocabulary[at])
      .join(' '),
  ).toBe(pieces)
})

test('leaves out words that the vocabulary cannot spell, and only these', () => {
  expect(piecesOf('漢字 and').map((at) => vocabulary[at])).toEqual(['漢', 'and'])
})

test('a word longer than any real one costs nothing', () => {
  expect(piecesOf('a'.repeat(101))).toEqual([])
})
