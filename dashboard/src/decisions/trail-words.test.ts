import { expect, test } from 'vitest'
import { comparisonSentence, rightsText } from './trail-words.ts'

test('tells who compared two answers, how, and who was right', () => {
  const comparison = {
    id: 'c1',
    source: 'audit',
    method: 'unit-tests',
    verdict: 'reference-only',
    probability: 0.1,
    secondOpinions: [{ method: 'exact', verdict: 'both' }],
  }

  expect(comparisonSentence(comparison)).toBe(
    'Audit, checked by unit tests: only the frontier’s answer was right. But compared word for word: the two answers agree or are both right.',
  )
})

test('shows a method or verdict that it does not know as it is', () => {
  const words = { id: 'c1', source: 'judge', method: 'panel', verdict: 'tie' }
  const comparison = { ...words, probability: 1, secondOpinions: [] }

  expect(comparisonSentence(comparison)).toBe('Judge, panel: tie.')
})

test('names every right to train with its count', () => {
  expect(rightsText({ 'a/b (yes, models-list)': 1_200, user: 3 })).toBe(
    '1,200 from a/b (yes, models-list), 3 from user',
  )
  expect(rightsText({})).toBe('none recorded')
})
