import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentName } from '../src/kernel/agent-name.ts'
import type { CodeRunner } from '../src/kernel/code-runner.ts'
import { createIds } from '../src/kernel/ids.ts'
import { seededRandom } from '../src/kernel/random.ts'
import type { LedgerEntry } from '../src/kernel/stores.ts'
import type { TrainingRun } from '../src/kernel/training.ts'
import { LearningCycle } from '../src/learning/learning-cycle.ts'
import type { ServiceChanged } from '../src/learning/learning-cycle.ts'
import type { LearningEvent } from '../src/learning/learning-event.ts'
import { exampleOf, steppingClock, tasksFor } from '../src/learning/learning-fixtures.ts'
import { defaultLearningSettings } from '../src/learning/learning-settings.ts'
import { openStore } from '../src/store/open-store.ts'
import { localModels, trainerOf } from './scripted-training.ts'

const noCode: CodeRunner = {
  run: () => Promise.reject(new Error('no code is to be run')),
  close: () => Promise.resolve(),
}

/**
 * The cycle on a real store and real files. The model is not the point here: a file of weights
 * holds the share of tasks that a model with these weights answers right.
 */
export async function openCycleFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'learning-cycle-'))
  const store = await openStore({ path: join(folder, 'village.sqlite'), durability: 'process' })
  const clock = steppingClock()
  return {
    folder,
    store,
    /** Another process, as it were, on the same folder; its trainer makes weights of these contents. */
    startCycle: (contents: readonly (string | Error)[], targetQuality = () => 0.9) => {
      const events: LearningEvent[] = []
      const promoted: ServiceChanged[] = []
      const { models, serving } = localModels()
      const { trainer, jobs, started } = trainerOf(contents)
      const random = seededRandom(1)
      const cycle = new LearningCycle({
        ledger: store.ledger,
        runs: store.runs,
        states: store.states,
        localModels: models,
        trainer,
        codeRunner: noCode,
        clock,
        ids: createIds(clock, random),
        random,
        settings: defaultLearningSettings,
        folder,
        targetQuality,
        onChange: (event) => events.push(event),
        onPromoted: (change) => promoted.push(change),
      })
      return { cycle, events, promoted, serving, jobs, started }
    },
    addExamples: async (
      cycle: LearningCycle,
      from: number,
      to: number,
      agent: AgentName = 'king',
    ): Promise<void> => {
      const createdAtMs = clock.now()
      const texts = tasksFor('train', to, agent).slice(from)
      const heldOut = tasksFor('held-out', 80, agent).slice(from === 0 ? 0 : 80)
      const examples = [
        ...texts.map((text) => exampleOf(text, { agent, createdAtMs })),
        ...heldOut.map((text) =>
          exampleOf(text, { agent, use: 'held-out', right: null, createdAtMs }),
        ),
      ]
      const entries = Array.from(examples, (example): LedgerEntry => ({
        type: 'example',
        record: { ...example, id: `${agent}_${example.id}` },
      }))
      await store.ledger.commit(entries)
      cycle.noteExamples(entries)
    },
    newestRun: async (): Promise<TrainingRun | undefined> =>
      (await store.runs.list({ limit: 1 }))[0],
    remove: async (): Promise<void> => {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export function auditUntilRollback(cycle: LearningCycle, goodEnough: boolean, count: number): void {
  for (let audit = 0; audit < count; audit += 1) {
    cycle.observeAudit({ agent: 'king', goodEnough, probability: 0.5, kind: 'triage' })
  }
}
