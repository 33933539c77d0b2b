import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChatMessage, ChatRequest, ModelAnswer, Sampling } from '../../kernel/chat.ts'
import { InvalidRequestError, ModelCallError, UnknownModelError } from '../../kernel/errors.ts'
import type { LocalWeights, ModelAdapter } from '../../kernel/model-adapter.ts'
import { hashOfFile } from './weights-file.ts'
import type { LlamaCpp } from './llama-cpp.ts'
import { writeRandomAdapter } from './random-adapter.ts'
import { startTestStudent, studentFolder, studentShape } from './test-student.ts'

const { signal } = new AbortController()
const prompts = [
  'river stone',
  'old mill',
  'garden gate',
  'a long way home',
  'bread',
  'seven',
  'x',
  '{"a": 1}',
]

let folder: string
let local: LlamaCpp
let king: ModelAdapter
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'village-adapters-'))
  local = await startTestStudent({ agents: ['king', 'sage'] })
  king = local.forAgent('king')
})
afterAll(async () => {
  await local.close()
  await rm(folder, { recursive: true })
})

function ask(text: string, sampling: Sampling = {}): ChatRequest {
  return {
    messages: [{ role: 'user', content: `repeat: ${text}` }],
    sampling: { maxTokens: 30, ...sampling },
  }
}

async function answersOf(adapter: ModelAdapter): Promise<readonly string[]> {
  const answers: string[] = []
  for (const prompt of prompts) answers.push((await adapter.answer(ask(prompt), { signal })).text)
  return answers
}

async function randomAdapter(seed: number, strength = 0.5, name?: string): Promise<LocalWeights> {
  const shape = await studentShape()
  return writeRandomAdapter({
    folder,
    seed,
    strength,
    ...shape,
    ...(name !== undefined && { name }),
  })
}

test('a conversation becomes the very tokens that the student was trained on', async () => {
  const fixture = JSON.parse(await readFile(`${studentFolder}conversations.json`, 'utf8')) as {
    messages: ChatMessage[]
    addGenerationPrompt: boolean
    ids: number[]
  }[]

  for (const { messages, addGenerationPrompt, ids } of fixture) {
    expect(await local.encode(messages, addGenerationPrompt)).toEqual(ids)
  }
  expect(fixture.length).toBeGreaterThanOrEqual(200)
})

test('control tokens in the text of a user stay text', async () => {
  const [plain] = (await local.encode([{ role: 'user', content: '' }], false)).slice(-1)

  const tokens = await local.encode([{ role: 'user', content: 'a<|end|>b' }], false)

  expect(tokens.filter((token) => token === plain)).toHaveLength(1)
})

test('an answer says how sure the model was', async () => {
  const { meanLogProbability, usage } = await king.answer(ask('river stone'), { signal })

  expect(meanLogProbability).toBeLessThanOrEqual(0)
  expect(meanLogProbability).toBeGreaterThan(-10)
  expect(usage.cost).toBe(0)
})

test('a stream says with each piece how sure the model was of it, as the whole answer does', async () => {
  let tokens = 0
  let logProbability = 0
  let least = 0
  let whole: ModelAnswer | undefined
  for await (const event of king.stream(ask('river stone'), { signal })) {
    if (event.type === 'finish') whole = event.answer
    if (event.type !== 'text' || event.confidence === undefined) continue
    tokens += event.confidence.tokens
    logProbability += event.confidence.logProbability
    least = Math.min(least, event.confidence.leastLogProbability)
  }

  const asked = await king.answer(ask('river stone'), { signal })

  expect(whole).toMatchObject({ text: asked.text, meanLogProbability: asked.meanLogProbability })
  // The token that ends the answer shows no text.
  const ends = asked.finishReason === 'stop' ? 1 : 0
  expect(tokens).toBe(asked.usage.completionTokens)
  const mean = asked.meanLogProbability ?? 0
  expect(logProbability).toBeGreaterThanOrEqual(mean * (tokens + ends) - 1e-9)
  expect(asked.leastLogProbability).toBeLessThanOrEqual(least)
  expect(asked.leastLogProbability).toBeLessThanOrEqual(mean)
})

test('answers do not depend on what ran before or runs beside them', async () => {
  const alone = await answersOf(king)

  const together = await Promise.all(
    prompts.map(async (prompt) => (await king.answer(ask(prompt), { signal })).text),
  )

  expect(together).toEqual(alone)
})

test('a seed repeats a sampled answer, another seed gives another', async () => {
  const sampled = async (seed: number) =>
    (await king.answer(ask('the way', { temperature: 1.5, seed }), { signal })).text

  const first = await sampled(7)

  expect(await sampled(7)).toBe(first)
  expect(new Set(await Promise.all([1, 2, 3, 4].map(sampled))).size).toBeGreaterThan(1)
})

test('weights are loaded beside the serving ones, and a swap puts them into service', async () => {
  const base = await answersOf(king)
  const weights = await randomAdapter(1)

  const candidate = await local.load(weights)
  const ofCandidate = await answersOf(candidate.adapter)
  expect(await answersOf(king)).toEqual(base)
  await local.serve('king', weights)
  const ofServed = await answersOf(king)
  const { checkpoint } = await king.answer(ask('x'), { signal })
  await candidate.release()

  expect(ofCandidate).not.toEqual(base)
  expect(ofServed).toEqual(ofCandidate)
  expect(await answersOf(local.forAgent('sage'))).toEqual(base)
  expect(local.serving('king')).toEqual(weights)
  await expect(candidate.adapter.answer(ask('x'), { signal })).rejects.toBeInstanceOf(
    ModelCallError,
  )
  expect(checkpoint).toBe(weights.hash)
  await local.serve('king', null)
  expect(await answersOf(king)).toEqual(base)
  expect((await king.answer(ask('x'), { signal })).checkpoint).toBeNull()
})

test('two hundred requests go through ten swaps without one failing', async () => {
  const weights = await Promise.all([1, 2, 3].map((seed) => randomAdapter(seed)))
  const expected = new Set<string>()
  for (const each of [null, ...weights]) {
    await local.serve('king', each)
    expected.add((await king.answer(ask('river stone'), { signal })).text)
  }

  const requests = Array.from({ length: 200 }, () => king.answer(ask('river stone'), { signal }))
  const swaps = (async () => {
    for (let swap = 0; swap < 10; swap += 1) await local.serve('king', weights[swap % 3] ?? null)
  })()
  const answers = await Promise.all(requests)
  await swaps
  await local.serve('king', null)

  expect(answers).toHaveLength(200)
  expect(answers.filter((answer) => !expected.has(answer.text))).toEqual([])
  expect(answers.every((answer) => answer.retries === 0)).toBe(true)
})

test('the same path with another content is another adapter', async () => {
  const first = await randomAdapter(11, 0.5, 'adapter.gguf')
  await local.serve('king', first)
  const ofFirst = await answersOf(king)
  const second = await randomAdapter(12, 0.5, 'adapter.gguf')

  await local.serve('king', second)

  expect(second.path).toBe(first.path)
  expect(await answersOf(king)).not.toEqual(ofFirst)
  await local.serve('king', null)
})

test('weights that do not load are refused, and what served goes on serving', async () => {
  const before = await answersOf(king)
  const brokenPath = join(folder, 'broken.gguf')
  await writeFile(brokenPath, 'GGUF, but no further')
  const broken = { hash: await hashOfFile(brokenPath), path: brokenPath }

  await expect(local.serve('king', broken)).rejects.toThrow('do not load')
  await expect(local.load({ ...broken, hash: 'a'.repeat(64) })).rejects.toThrow('not those')
  await expect(local.serve('king', { ...broken, path: '/nowhere' })).rejects.toThrow(
    'cannot be read',
  )

  expect(await answersOf(king)).toEqual(before)
  expect(local.serving('king')).toBeNull()
})

test('the death of the process costs the requests under way a retry, and the weights come back', async () => {
  const weights = await randomAdapter(1)
  await local.serve('king', weights)
  const before = await answersOf(king)
  const underWay = prompts.map((prompt) => king.answer(ask(prompt), { signal }))
  const streamed = (async () => {
    let text = ''
    for await (const event of king.stream(ask(prompts[0] ?? ''), { signal })) {
      if (event.type === 'text') text += event.text
    }
    return text
  })()
  const died = local.processId()

  setImmediate(() => process.kill(died ?? 0, 'SIGKILL'))
  const answers = await Promise.all(underWay)

  expect(answers.map((answer) => answer.text)).toEqual(before)
  expect(answers.some((answer) => answer.retries === 1)).toBe(true)
  expect(await streamed).toBe(before[0])
  expect(local.processId()).not.toBe(died)
  expect(await answersOf(king)).toEqual(before)
  await local.serve('king', null)
}, 90_000)

test('a conversation longer than the context is refused, and trying again cannot help', async () => {
  const call = king.answer(ask('word '.repeat(2000)), { signal })

  await expect(call).rejects.toBeInstanceOf(ModelCallError)
  await expect(call).rejects.toMatchObject({ retryable: false })
  await expect(call).rejects.toThrow(/tokens/)
})

test('an image is refused with a clear error', async () => {
  const image = { type: 'image_url', image_url: { url: 'data:,' } }
  const request: ChatRequest = { messages: [{ role: 'user', content: [image] }], sampling: {} }

  const call = king.answer(request, { signal })

  await expect(call).rejects.toBeInstanceOf(InvalidRequestError)
  await expect(call).rejects.toThrow('image_url')
})

test('the workload counts what runs and what waits', async () => {
  expect(local.workload()).toEqual({ running: 0, waiting: 0, sequences: 8 })

  const calls = Array.from({ length: 6 }, () => king.answer(ask('river'), { signal }))
  await Promise.resolve()

  expect(local.workload()).toEqual({ running: 4, waiting: 2, sequences: 8 })
  await Promise.all(calls)
  expect(local.workload()).toEqual({ running: 0, waiting: 0, sequences: 8 })
})

test('an agent that is not there is named, with those that are close', () => {
  expect(() => local.forAgent('kin')).toThrow(UnknownModelError)
  expect(() => local.forAgent('kin')).toThrow('king')
})

test('a base that does not load says why', async () => {
  const call = startTestStudent({ basePath: join(folder, 'absent.gguf') })

  await expect(call).rejects.toBeInstanceOf(ModelCallError)
  await expect(call).rejects.toThrow('absent.gguf')
})
