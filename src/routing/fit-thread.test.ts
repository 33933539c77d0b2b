import { afterEach, expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { answerSignalNames, answerSignals } from './answer-signals.ts'
import { CascadeScorer } from './cascade-scorer.ts'
import type { CascadeLabel } from './cascade-scorer.ts'
import { FitThread } from './fit-thread.ts'
import { profileOf } from './text-profile.ts'

const errors: Error[] = []
const threads: FitThread[] = []

function newThread(entry?: URL): FitThread {
  const thread = new FitThread({
    onError: (error) => void errors.push(error),
    ...(entry !== undefined && { entry }),
  })
  threads.push(thread)
  return thread
}

afterEach(async () => {
  errors.length = 0
  await Promise.all(threads.splice(0).map((thread) => thread.close()))
})

function labelsOf(count: number): readonly CascadeLabel[] {
  const random = seededRandom(5)
  return Array.from({ length: count }, (_, at) => {
    const loss = random() < 0.3
    const prompt = `Sort message ${at} about ${random() < 0.5 ? 'harbour' : 'meadow'} lamps`
    const answer = loss ? 'I am not sure but perhaps 7' : `It is ${at}`
    return {
      request: profileOf(prompt),
      answer: profileOf(answer),
      signals: answerSignals({ prompt, answer, peers: [], confidence: null }),
      leastStay: 0.1,
      form: 'whole',
      loss,
    }
  })
}

test('a scorer from the thread is the very one that is fitted here', async () => {
  const labels = labelsOf(200)
  const here = CascadeScorer.fit(labels, answerSignalNames)

  const there = await newThread().fit(labels)

  expect(errors).toEqual([])
  expect(there?.name).toBe(here.name)
  expect(there?.past).toEqual(here.past)
  const tasks = labels.slice(0, 20)
  expect(tasks.map((task) => there?.score(task))).toEqual(tasks.map((task) => here.score(task)))
  expect(tasks.map((task) => there?.entry(task))).toEqual(tasks.map((task) => here.entry(task)))
  const [task] = tasks
  if (task === undefined) throw new Error('no task')
  expect(there?.explain(task, 3)).toEqual(here.explain(task, 3))
})

test('a fit that fails gives no scorer and is reported, and the next one works', async () => {
  const thread = newThread()
  const broken = [{ ...labelsOf(1)[0], request: null }] as unknown as readonly CascadeLabel[]

  const failed = await thread.fit(broken)
  const next = await thread.fit(labelsOf(80))

  expect(failed).toBeNull()
  expect(errors.map(String).join()).toContain('No scorer could be fitted')
  expect(next).toBeInstanceOf(CascadeScorer)
})

test('a thread that dies, or is closed, gives no scorer instead of none of the answers', async () => {
  const dying = newThread(new URL('data:text/javascript,throw new Error("out of memory")'))
  const closing = newThread()

  const lost = dying.fit(labelsOf(10))
  const stopped = closing.fit(labelsOf(60))
  await closing.close()

  expect(await Promise.all([lost, stopped, closing.fit(labelsOf(10))])).toEqual([null, null, null])
  expect(errors.map(String).join()).toContain('out of memory')
})
