import { expect, test } from 'vitest'
import { lastUserText } from '../../kernel/chat.ts'
import { demoFamilies } from '../families/demo-families.ts'
import { createTraffic } from '../traffic.ts'
import { answerFor } from './simulated-answer.ts'
import { simulatedModels } from './simulated-models.ts'

const traffic = createTraffic({ seed: 6, families: demoFamilies })
const tasks = Array.from({ length: 1500 }, () => traffic.next())
const promptOf = (task: (typeof tasks)[number]): string => lastUserText(task.request.messages)

test.each(simulatedModels)('$id is wrong about as often as it is set to be', (model) => {
  const answers = tasks.map((task) =>
    answerFor({ model: model.id, prompt: promptOf(task), seed: 1 }),
  )

  const wrong = answers.filter((answer) => !answer.right).length
  expect(wrong / tasks.length).toBeGreaterThan(model.errorRate * 0.4)
  expect(wrong / tasks.length).toBeLessThan(model.errorRate * 1.7)
})

test('says truly whether its answers are right', () => {
  const model = 'microsoft/phi-4'

  const untrue = tasks.filter((task) => {
    const answer = answerFor({ model, prompt: promptOf(task), seed: 2 })
    return answer.right !== task.truth.isRight(answer.text) || answer.family !== task.family
  })

  expect(untrue).toEqual([])
})

test('gives other mistakes for another seed', () => {
  const model = 'microsoft/phi-4'
  const mistakes = (seed: number): readonly number[] =>
    tasks.flatMap((task, index) =>
      answerFor({ model, prompt: promptOf(task), seed }).right ? [] : [index],
    )

  expect(mistakes(1)).toEqual(mistakes(1))
  expect(mistakes(1)).not.toEqual(mistakes(2))
})

test('refuses a model that is not listed', () => {
  expect(() => answerFor({ model: 'a/b', prompt: 'x', seed: 1 })).toThrow(RangeError)
})
