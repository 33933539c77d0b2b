import { expect, test } from 'vitest'
import { DemoPace } from './demo-pace.ts'

function paceAfter(tasks: number, during: { training: boolean }): DemoPace {
  const pace = new DemoPace()
  for (let task = 0; task < tasks; task += 1) pace.noteTask(during)
  return pace
}

test('is quick until the loop was seen turning, and slow from then on', () => {
  const [before, after] = [5_999, 6_000].map((tasks) => paceAfter(tasks, { training: false }))

  expect(before?.pauseMs({ training: false })).toBe(0)
  expect(after?.pauseMs({ training: false })).toBe(60_000)
  expect(after?.pauseMs({ training: true })).toBe(60_000)
})

test('holds tasks back while a model is trained, and does not count these', () => {
  const pace = paceAfter(10_000, { training: true })

  expect(pace.pauseMs({ training: true })).toBe(15_000)
  expect(pace.pauseMs({ training: false })).toBe(0)
})
