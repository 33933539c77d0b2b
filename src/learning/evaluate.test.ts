import { expect, test } from 'vitest'
import { lastUserText, noUsage } from '../kernel/chat.ts'
import type { CodeRunner } from '../kernel/code-runner.ts'
import { ModelCallError } from '../kernel/errors.ts'
import type { ModelAdapter } from '../kernel/model-adapter.ts'
import type { TaskVerifier } from '../kernel/task.ts'
import { examine, selectHeldOut } from './evaluate.ts'
import type { Examination } from './evaluate.ts'
import { descriptionOf, exampleOf } from './learning-fixtures.ts'
import { defaultLearningSettings } from './learning-settings.ts'

const settings = defaultLearningSettings.evaluation
const codeRunner: CodeRunner = {
  run: (code) =>
    Promise.resolve(code === 'passes' ? { passed: true } : { passed: false, reason: 'wrong' }),
  close: () => Promise.resolve(),
}

function model(answer: (text: string) => string) {
  const asked: string[] = []
  const adapter: ModelAdapter = {
    description: descriptionOf('no'),
    answer: (request) => {
      const text = lastUserText(request.messages)
      asked.push(text)
      expect(request.sampling).toEqual({ temperature: 0, maxTokens: settings.maxTokens })
      return Promise.resolve({
        text: answer(text),
        finishReason: 'stop',
        usage: noUsage,
        model: 'local',
        latencyMs: 1,
        retries: 0,
      })
    },
    stream: () => {
      throw new Error('nothing is streamed here')
    },
  }
  return { adapter, asked }
}

test('an example that is held to a format is asked for in that format', async () => {
  const format = { type: 'json_object' }
  const asked: unknown[] = []
  const { adapter } = model(() => '{"a": 1}')
  const watched: ModelAdapter = {
    ...adapter,
    answer: (request, options) => {
      asked.push(request.extra)
      return adapter.answer(request, options)
    },
  }
  const plain = { ...heldOut('plain'), answer: '{"a":1}' }
  const held = { ...heldOut('held'), answer: '{"a":1}', responseFormat: format }

  const results = await examine(
    examination({
      candidate: { adapter: watched, checkpoint: 'c' },
      examples: [plain, held],
    }),
  )

  expect(results.map(({ candidateRight }) => candidateRight)).toEqual([true, true])
  expect(asked).toHaveLength(2)
  expect(asked).toContainEqual({ response_format: format })
  expect(asked).toContain(undefined)
})

function examination(change: Partial<Examination>): Examination {
  const nobody = { adapter: model(() => '').adapter, checkpoint: null }
  return {
    candidate: nobody,
    serving: nobody,
    examples: [],
    codeRunner,
    settings,
    cache: new Map(),
    signal: new AbortController().signal,
    ...change,
  }
}

function heldOut(text: string, verifier: TaskVerifier | null = null) {
  return exampleOf(text, { use: 'held-out', verifier })
}

test('gives both models the same tasks and says who was right', async () => {
  const results = await examine(
    examination({
      candidate: { adapter: model((text) => `answer to ${text}`).adapter, checkpoint: 'new' },
      serving: {
        adapter: model((text) => `answer to ${text === 'a' ? 'a' : '?'}`).adapter,
        checkpoint: 'old',
      },
      examples: [heldOut('a'), heldOut('b')],
    }),
  )

  expect(results).toMatchObject([
    { exampleId: 'ex_a', kind: 'triage', candidateRight: true, servingRight: true },
    { exampleId: 'ex_b', kind: 'triage', candidateRight: true, servingRight: false },
  ])
})

test('lets the verifier decide where a task has one, whatever the reference says', async () => {
  const verifier: TaskVerifier = { type: 'unit-tests', language: 'javascript', tests: '' }

  const results = await examine(
    examination({
      candidate: { adapter: model(() => 'passes').adapter, checkpoint: 'new' },
      serving: { adapter: model((text) => `answer to ${text}`).adapter, checkpoint: 'old' },
      examples: [heldOut('a', verifier)],
    }),
  )

  expect(results).toMatchObject([{ candidateRight: true, servingRight: false }])
})

test('asks no weights twice for one task', async () => {
  const cache: Examination['cache'] = new Map()
  const serving = model(() => 'no idea')
  const examples = [heldOut('a'), heldOut('b')]
  const of = (checkpoint: string) =>
    examination({
      candidate: { adapter: model(() => 'x').adapter, checkpoint },
      serving: { adapter: serving.adapter, checkpoint: null },
      examples,
      cache,
    })

  await examine(of('first'))
  await examine(of('second'))

  expect(serving.asked.toSorted()).toEqual(['a', 'b'])
})

test('tries again when the serving process dies, and gives up when it goes on dying', async () => {
  const dying = (deaths: number): ModelAdapter => {
    const { adapter } = model((text) => `answer to ${text}`)
    return {
      ...adapter,
      answer: (request, options) => {
        deaths -= 1
        if (deaths < 0) return adapter.answer(request, options)
        return Promise.reject(new ModelCallError('the process died', { model: 'local' }))
      },
    }
  }
  const of = (deaths: number) =>
    examine(
      examination({
        candidate: { adapter: dying(deaths), checkpoint: 'new' },
        examples: [heldOut('a')],
      }),
    )

  expect(await of(2)).toMatchObject([{ candidateRight: true }])
  await expect(of(3)).rejects.toThrow('the process died')
})

test('stops when it is cancelled', async () => {
  const reason = new Error('cancelled')

  const run = examine(examination({ examples: [heldOut('a')], signal: AbortSignal.abort(reason) }))

  await expect(run).rejects.toBe(reason)
})

test('examines on the newest held-out tasks of every kind, each task once', () => {
  const of = (kind: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      exampleOf(`${kind} ${index}`, { kind, use: 'held-out', createdAtMs: index }),
    )
  const examples = [...of('triage', 90), ...of('record', 5), exampleOf('train'), ...of('record', 5)]

  const selected = selectHeldOut(examples, { ...settings, perKind: 60, total: 50 })

  expect(selected).toHaveLength(50)
  expect(selected.filter(({ kind }) => kind === 'record')).toHaveLength(5)
  expect(selected[0]?.id).toBe('ex_triage 89')
})
