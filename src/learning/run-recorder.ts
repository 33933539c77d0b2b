import type { TrainingRunStore } from '../kernel/stores.ts'
import type { TrainerEvent, TrainingRun } from '../kernel/training.ts'
import type { LearningEvent } from './learning-event.ts'

const stepsPerSave = 10

/** Keeps a training run's record up to date; progress is written in order, and not at every step. */
export class RunRecorder {
  readonly #runs: TrainingRunStore
  readonly #onChange: (event: LearningEvent) => void
  #run: TrainingRun
  #savedStep = 0
  #writes: Promise<void> = Promise.resolve()

  constructor(
    run: TrainingRun,
    parts: {
      readonly runs: TrainingRunStore
      readonly onChange: (event: LearningEvent) => void
    },
  ) {
    this.#run = run
    this.#runs = parts.runs
    this.#onChange = parts.onChange
  }

  get run(): TrainingRun {
    return this.#run
  }

  /** Resolves when the change, and all before it, are stored. */
  update(change: Partial<TrainingRun>): Promise<void> {
    const run = { ...this.#run, ...change }
    this.#run = run
    this.#onChange({ type: 'run', run })
    this.#writes = this.#writes.catch(() => undefined).then(() => this.#runs.save(run))
    return this.#writes
  }

  /** A write that fails here shows at the next `update` that is waited for. */
  noteProgress(event: TrainerEvent): void {
    switch (event.type) {
      case 'phase':
        this.#savedStep = 0
        this.#updateUnwaited({ phase: event.phase })
        return
      case 'step': {
        const { phase, step, maxSteps, metrics } = event
        const change = { phase, step, maxSteps, metrics: { ...this.#run.metrics, ...metrics } }
        if (step - this.#savedStep < stepsPerSave && step < maxSteps) {
          this.#run = { ...this.#run, ...change }
          return
        }
        this.#savedStep = step
        this.#updateUnwaited(change)
        return
      }
      case 'warning':
        this.#onChange({ type: 'warning', agent: this.#run.agent, message: event.message })
    }
  }

  #updateUnwaited(change: Partial<TrainingRun>): void {
    void this.update(change).catch(() => undefined)
  }
}
