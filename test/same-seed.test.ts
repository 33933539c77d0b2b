import { expect, test } from 'vitest'
import { openSimulation } from '../src/app/simulate-village.ts'
import { VillageSettings } from '../src/village/settings.ts'

const tasks = 120

/** Everything that was decided, but for ids. Training differs between machines and is left out. */
async function decisionsOf(seed: number) {
  const simulation = await openSimulation({
    seed,
    settings: VillageSettings.parse({ learning: { enabled: false } }),
    signal: new AbortController().signal,
  })
  try {
    await simulation.environment.run(tasks)
    const decisions = await simulation.village.store.ledger.list('decision')
    return decisions.map((decision) => ({
      agent: decision.agent,
      kind: decision.kind,
      route: decision.route,
      model: decision.model,
      complexity: decision.complexity,
      threshold: decision.threshold,
      audited: decision.audited,
      auditProbability: decision.auditProbability,
      cost: decision.cost,
      decidedAtMs: decision.decidedAtMs,
    }))
  } finally {
    await simulation.close()
  }
}

test('the same seed makes the same decisions at the same times, and another seed does not', async () => {
  const once = await decisionsOf(5)
  const again = await decisionsOf(5)
  const other = await decisionsOf(6)

  expect(once).toHaveLength(tasks)
  expect(again).toEqual(once)
  expect(other).not.toEqual(once)
})
