import { describe, expect, test } from 'vitest'
import { createIds } from '../kernel/ids.ts'
import { seededRandom } from '../kernel/random.ts'
import type { TaskVerifier } from '../kernel/task.ts'
import { exampleFrom, exampleFromCorrection, pairFrom } from './collect-example.ts'
import {
  comparisonOf,
  descriptionOf,
  interactionOf,
  steppingClock,
  taskOf,
  tasksFor,
} from './learning-fixtures.ts'

const context = {
  ids: createIds(steppingClock(), seededRandom(1)),
  nowMs: 5,
  heldOutShare: 0.12,
}
const [trainText = ''] = tasksFor('train', 1)
const [heldOutText = ''] = tasksFor('held-out', 1)
const verifier: TaskVerifier = { type: 'unit-tests', language: 'javascript', tests: '' }
const teacher = { purpose: 'teacher' } as const

describe('an example', () => {
  test('is made from a distillable frontier answer and says where the right comes from', () => {
    const answer = { interaction: interactionOf('urgent'), description: descriptionOf('granted') }

    const example = exampleFrom(taskOf(trainText), answer, context)

    expect(example).toMatchObject({
      use: 'train',
      answer: 'urgent',
      vouchedBy: 'frontier',
      right: { model: 'maker/granted', distillable: 'granted', basis: 'operator' },
    })
  })

  test('is never made for training from an answer without the right', () => {
    const answer = { interaction: interactionOf('urgent'), description: descriptionOf('no') }

    expect(exampleFrom(taskOf(trainText), answer, context)).toBeNull()
  })

  test('is an examination when the task is held out, even without the right', () => {
    const answer = { interaction: interactionOf('urgent'), description: descriptionOf('no') }

    const example = exampleFrom(taskOf(heldOutText), answer, context)

    expect(example).toMatchObject({ use: 'held-out', right: null })
  })

  test.each([
    ['cut off', { finishReason: 'length' }],
    ['failed', { error: 'connection reset' }],
    ['empty', { answer: '  \n' }],
    ['the local model’s own', { modelKind: 'local' }],
  ] as const)('is not made from an answer that is %s', (_name, change) => {
    const answer = { interaction: interactionOf('x', change), description: descriptionOf('yes') }

    expect(exampleFrom(taskOf(trainText), answer, context)).toBeNull()
    expect(exampleFrom(taskOf(heldOutText), answer, context)).toBeNull()
  })

  test('is not made from a conversation with an image', () => {
    const task = taskOf(trainText, {
      request: {
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'x' }] }],
        sampling: {},
      },
    })
    const answer = { interaction: interactionOf('a cat'), description: descriptionOf('yes') }

    expect(exampleFrom(task, answer, context)).toBeNull()
  })

  test.each([
    ['agrees with the frontier', 'both', 'agreement'],
    ['differs from the frontier', 'reference-only', undefined],
  ] as const)('of a teacher that %s', (_name, verdict, vouchedBy) => {
    const interaction = interactionOf('urgent', teacher)
    const answer = { interaction, description: descriptionOf('yes'), comparison: { verdict } }

    expect(exampleFrom(taskOf(trainText), answer, context)?.vouchedBy).toBe(vouchedBy)
  })

  test('of a teacher is not made when nothing was compared, nor for a held-out task', () => {
    const interaction = interactionOf('urgent', teacher)
    const description = descriptionOf('yes')
    const comparison = { verdict: 'both' } as const

    expect(exampleFrom(taskOf(trainText), { interaction, description }, context)).toBeNull()
    expect(
      exampleFrom(taskOf(heldOutText), { interaction, description, comparison }, context),
    ).toBeNull()
  })

  test.each([
    [true, 'verifier'],
    [false, undefined],
    [undefined, undefined],
  ])('of a task with a verifier needs to pass it (passed: %s)', (passed, vouchedBy) => {
    const task = taskOf(trainText, { verifier })
    const description = descriptionOf('yes')

    for (const change of [{}, teacher]) {
      const answer = { interaction: interactionOf('code', change), description, passed }

      expect(exampleFrom(task, answer, context)?.vouchedBy).toBe(vouchedBy)
    }
  })

  test('is made from a user’s correction with the user’s right', () => {
    const feedback = {
      id: 'fb_1',
      decisionId: 'dec_1',
      taskId: 'task_1',
      rating: -1,
      correction: 'low',
      comment: null,
      receivedAtMs: 1,
    } as const

    const example = exampleFromCorrection(taskOf(trainText), feedback, {
      ...context,
      interactionId: 'int_1',
    })

    expect(example).toMatchObject({
      answer: 'low',
      vouchedBy: 'correction',
      right: { basis: 'user-correction' },
    })
  })
})

describe('a preference pair', () => {
  const local = { modelKind: 'local', checkpoint: 'now' } as const
  const answers = {
    chosen: { interaction: interactionOf('urgent'), description: descriptionOf('yes') },
    rejected: interactionOf('low', local),
    comparison: comparisonOf(),
  }

  test('sets the right answer against the local model’s own wrong one', () => {
    const pair = pairFrom(taskOf(trainText), answers, context)

    expect(pair).toMatchObject({ chosen: 'urgent', rejected: 'low', checkpoint: 'now' })
  })

  test.each([
    ['the local answer was right too', { comparison: comparisonOf({ verdict: 'both' }) }],
    ['both were wrong', { comparison: comparisonOf({ verdict: 'neither' }) }],
    ['the right is missing', { chosen: { ...answers.chosen, description: descriptionOf('no') } }],
    ['the rejected answer is not the local model’s', { rejected: interactionOf('low') }],
    ['the rejected answer is much longer', { rejected: interactionOf('x'.repeat(90), local) }],
    [
      'the rejected answer was cut off',
      { rejected: interactionOf('l', { ...local, finishReason: 'length' }) },
    ],
  ] as const)('is not made when %s', (_name, change) => {
    expect(pairFrom(taskOf(trainText), { ...answers, ...change }, context)).toBeNull()
  })

  test('is not made from a held-out task', () => {
    expect(pairFrom(taskOf(heldOutText), answers, context)).toBeNull()
  })
})
