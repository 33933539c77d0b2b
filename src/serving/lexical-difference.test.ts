import { expect, test } from 'vitest'
import { lexicalDifference } from './lexical-difference.ts'

test.each([
  ['What is the capital of France?', "Tell me France's capital."],
  ['How do I reset my password?', 'I forgot my password, how can I reset it?'],
  ['How many days are in 3 weeks?', 'Three weeks are how many days?'],
  ["Why doesn't the printer print?", 'What is the reason that the printer does not print?'],
  ['Translate "good night" into Italian.', 'Please give the Italian for “good night”.'],
  ['Which is the largest planet?', 'Name the planet that is the largest.'],
])('%j may ask the same as %j', (left, right) => {
  expect(lexicalDifference(left, right)).toBeNull()
})

test.each([
  ['a number', 'How many days are in 3 weeks?', 'How many days are in 4 weeks?'],
  ['a number', 'How many days are in three weeks?', 'How many days are in weeks?'],
  ['a number', 'Who was the 2nd president?', 'Who was the third president?'],
  ['a quotation', 'Translate "good night".', 'Translate "good day".'],
  ['an identifier', 'What does parseInt do?', 'What does parseFloat do?'],
  ['an identifier', 'Where is order AB-1234?', 'Where is order AB-1243?'],
  ['an identifier', 'Is it in src/app.ts?', 'Is it in src/main.ts?'],
  ['an identifier', 'Where is the HQ of NASA?', 'Where is the HQ of ESA?'],
  ['a unit', 'How far is it in miles?', 'How far is it in kilometres?'],
  ['a negation', 'Which of these is a fruit?', 'Which of these is not a fruit?'],
  ['a negation', 'Why does it work?', 'Why doesn’t it work?'],
  ['an opposite', 'How do I enable sync?', 'How do I disable sync?'],
  ['an opposite', 'Who came before him?', 'Who came after him?'],
  ['a name', 'What is the capital of France?', 'What is the capital of Spain?'],
  ['a name', 'Paris weather today', 'London weather today'],
  ['a name', 'Wetter in Kiel morgen', 'Wetter in Köln morgen'],
])('%s tells %j from %j, whichever comes first', (difference, left, right) => {
  expect([lexicalDifference(left, right), lexicalDifference(right, left)]).toEqual([
    difference,
    difference,
  ])
})

test('a unit under another name is the same unit', () => {
  expect(lexicalDifference('Is 5 km far?', 'Is it far, 5 kilometres?')).toBeNull()
})

test('one word replaced is a difference, two are left to the similarity', () => {
  const warranty = 'How long is the warranty of the router?'

  expect(lexicalDifference(warranty, 'How long is the warranty of the printer?')).toBe('a word')
  expect(lexicalDifference(warranty, 'How long is the guarantee for the router?')).toBe('a word')
  expect(lexicalDifference(warranty, 'Until when is the router guaranteed?')).toBeNull()
  expect(lexicalDifference(warranty, 'How long does the warranty on routers last?')).toBeNull()
})
