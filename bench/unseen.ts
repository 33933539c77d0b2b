import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openSimulation } from '../src/app/simulate-village.ts'
import { deriveSeed, seededRandom } from '../src/kernel/random.ts'
import { demoFamilies } from '../src/simulation/families/demo-families.ts'
import type { Family } from '../src/simulation/families/family.ts'
import { VillageSettings } from '../src/village/settings.ts'
import { unseenFamilies } from './unseen-families/unseen-families.ts'

/**
 * `npm run bench:unseen -- [--json] [--seed S] [--demo-tasks N] [--tasks N]
 * [--home FOLDER]`: what a village that has
 * learnt the demo's families makes of six families that occur neither there nor in the student's
 * pretraining. Exact match of the local model by the truth, on fresh tasks, before and after.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    'demo-tasks': { type: 'string', default: '2700' },
    tasks: { type: 'string', default: '3000' },
    'examined-per-family': { type: 'string', default: '100' },
    /** Keeps the village's data there; otherwise nothing is left. */
    home: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const examined = Number(values['examined-per-family'])
const learnable = demoFamilies.filter((family) => family.expectation === 'learnable')

type Accuracy = Readonly<Record<string, number>>

let trainingSince = 0
let trainingSeconds = 0
const simulation = await openSimulation({
  seed,
  ...(values.home === undefined ? {} : { home: values.home }),
  // Three agents learn two families each, from a third of the tasks and a third of the time each.
  settings: VillageSettings.parse({ learning: { examplesPerRun: 700, trainingSteps: 360 } }),
  signal: new AbortController().signal,
  familiesModule: fileURLToPath(new URL('unseen-families/unseen-families.ts', import.meta.url)),
  onProgress: ({ answered, stage }) =>
    process.stderr.write(`\r${answered} tasks · ${stage}        `),
  onLearning: (event) => {
    if (event.type === 'stage' && event.stage === 'training') trainingSince = performance.now()
    if (event.type === 'stage' && event.stage === 'evaluating') {
      trainingSeconds += (performance.now() - trainingSince) / 1000
    }
  },
})
await simulation.environment.run(Number(values['demo-tasks']))
const before = { demo: await examine(learnable), unseen: await examine(unseenFamilies) }
trainingSeconds = 0
const further = simulation.environmentOn(unseenFamilies, seed)
await further.run(Number(values.tasks))
const after = { demo: await examine(learnable), unseen: await examine(unseenFamilies) }
const frontierAnswers = further.answered.filter(({ route }) => route === 'frontier').length
await simulation.close()

const passed = Object.values(after.unseen).filter((accuracy) => accuracy >= 0.8).length
const worstLoss = Math.max(
  ...Object.keys(before.demo).map((name) => (before.demo[name] ?? 0) - (after.demo[name] ?? 0)),
)
const report = {
  simulated: true,
  seed,
  frontierAnswers,
  trainingSeconds,
  unseen: { before: before.unseen, after: after.unseen },
  demo: { before: before.demo, after: after.demo },
  familiesAtLeast80: passed,
  largestLossOfLearntFamily: worstLoss,
  reached: passed >= 4 && worstLoss <= 0.03 && frontierAnswers <= 3000 && trainingSeconds <= 240,
}
process.stderr.write('\n')
console.log(values.json ? JSON.stringify(report, null, 2) : table(report))

/** Exact match of each family's agent's local model on tasks that no traffic has sent. */
async function examine(families: readonly Family[]): Promise<Accuracy> {
  const accuracy: [string, number][] = []
  for (const family of families) {
    const random = seededRandom(deriveSeed(seed, `examination of ${family.name}`))
    const agent = simulation.village.agents.agent(family.agent)
    const adapter = simulation.village.local.forAgent(family.agent)
    let right = 0
    for (let index = 0; index < examined; index += 1) {
      const { messages, truth } = family.make(random)
      const request = agent.composeLocalRequest({ messages, sampling: { maxTokens: 160 } })
      const answer = await adapter.answer(request, { signal: new AbortController().signal })
      if (truth.isRight(answer.text)) right += 1
    }
    accuracy.push([`${family.agent}/${family.name}`, right / examined])
  }
  return Object.fromEntries(accuracy)
}

function table(figures: typeof report): string {
  const rows = (title: string, part: { before: Accuracy; after: Accuracy }): string[] => [
    title,
    ...Object.keys(part.after).map(
      (name) =>
        `  ${name.padEnd(26)} ${percent(part.before[name]).padStart(6)} → ${percent(part.after[name]).padStart(6)}`,
    ),
  ]
  return [
    'Simulated frontier; exact match of the local model, before → after',
    ...rows('unseen families', figures.unseen),
    ...rows('families learnt before', figures.demo),
    `frontier answers ${figures.frontierAnswers}, training ${figures.trainingSeconds.toFixed(0)} s`,
    `at least 80 %: ${figures.familiesAtLeast80} of 6; largest loss ${percent(figures.largestLossOfLearntFamily)}; reached: ${figures.reached}`,
  ].join('\n')
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(share * 100).toFixed(0)} %`
}
