import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { CertifiedRouting } from './certified-routing.ts'
import { verifyCertificates } from './verify-certificates.ts'
import type { RecordedEvent, RecordedLabel } from './verify-certificates.ts'

type Task = { readonly score: number }

/** What a village records while it earns a certificate. */
function recorded(): { events: RecordedEvent[]; labels: RecordedLabel[] } {
  const events: RecordedEvent[] = []
  const labels: RecordedLabel[] = []
  const random = seededRandom(5)
  const routing = new CertifiedRouting<Task>({
    agent: 'king',
    checkpoint: 'abc',
    alpha: 0.1,
    delta: 0.1,
    fit: (past) => ({
      scorer: { name: 'given', score: ({ score }) => score },
      past: past.map(({ task, localRight }) => ({ score: task.score, loss: !localRight })),
    }),
    onEvent: (event) => void events.push({ agent: 'king', event }),
  })
  for (let count = 0; count < 900; count += 1) {
    const task = { score: random() }
    const loss = random() < 0.15 * task.score * task.score
    const { route, auditProbability } = routing.decide(task)
    const probability = route === 'local' ? auditProbability : 1
    if (random() >= probability) continue
    for (const mark of routing.marksFor(task, auditProbability)) {
      labels.push({ agent: 'king', checkpoint: 'abc', mark, probability, loss })
    }
    routing.record({
      task,
      probability,
      floor: auditProbability,
      servedLocally: route === 'local',
      frontierRight: true,
      localRight: !loss,
    })
  }
  return { events, labels }
}

test('finds that what was certified had been shown, from the records alone', () => {
  const { events, labels } = recorded()

  const checks = verifyCertificates(
    JSON.parse(JSON.stringify(events)) as RecordedEvent[],
    JSON.parse(JSON.stringify(labels)) as RecordedLabel[],
  )

  expect(checks.length).toBeGreaterThan(0)
  expect(checks.flatMap(({ problems }) => problems)).toEqual([])
  expect(checks[0]?.threshold).not.toBeNull()
})

test('notices a label that was taken away, turned round or made more probable', () => {
  const { events, labels } = recorded()
  const without = labels.filter((_, at) => at !== 10)
  const turned = labels.map((label, at) => Object.assign({}, label, at < 60 ? { loss: true } : {}))
  const surer = labels.map((label) => Object.assign({}, label, { probability: 0.01 }))

  for (const tampered of [without, turned, surer]) {
    expect(verifyCertificates(events, tampered)[0]?.problems).not.toEqual([])
  }
})

test('notices a claim of more than was shown, and a certificate that was opened twice', () => {
  const { events, labels } = recorded()
  const claim: RecordedEvent = {
    agent: 'king',
    event: { type: 'certified', checkpoint: 'abc', epoch: 1, label: 5, threshold: 0.9 },
  }
  const opened = events.find(({ event }) => event.type === 'opened')

  expect(verifyCertificates([...events, claim], labels)[0]?.problems).toHaveLength(1)
  expect(
    verifyCertificates(opened === undefined ? [] : [...events, opened], labels).at(-1)?.problems,
  ).toContain('its part of delta was spent before')
})
