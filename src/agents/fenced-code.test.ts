import { expect, test } from 'vitest'
import { codeOf, fencedCode } from './fenced-code.ts'

test('takes every fenced block with its language', () => {
  const answer = 'First:\n```js\nlet a = 1\n```\nthen\n```\nplain\n```\n'

  const blocks = fencedCode(answer)

  expect(blocks).toEqual([
    { language: 'js', code: 'let a = 1' },
    { language: null, code: 'plain' },
  ])
})

test('keeps the code of a cut answer, and of one without fences', () => {
  expect(codeOf('```sql\nSELECT 1\nFROM t')).toBe('SELECT 1\nFROM t')
  expect(codeOf('  SELECT 1 ')).toBe('SELECT 1')
})
