import type { ContinuousLearningLayer } from '../learning/continuous-learning-layer.ts'
import type { LearningEvent } from '../learning/learning-event.ts'
import type { VillageLog } from './village-log.ts'

export function learningView(
  layer: ContinuousLearningLayer,
  datasets: ReadonlyMap<string, string>,
) {
  const hash = layer.served.weights?.hash
  return {
    checkpoint:
      hash === undefined ? null : { hash, datasetVersionId: datasets.get(hash) ?? 'unknown' },
    trainingExamples: layer.counts.training,
    heldOutExamples: layer.counts.heldOut,
    examplesUntilTraining: layer.examplesUntilTraining,
  }
}

export function logLearning(event: LearningEvent, log: VillageLog): void {
  switch (event.type) {
    case 'error':
      log.error({ err: event.error, agent: event.agent }, 'learning failed')
      return
    case 'warning':
      log.warn({ agent: event.agent }, event.message)
      return
    case 'promotion':
      log.info(
        { promotion: event.promotion },
        `${event.promotion.action}: ${event.promotion.reason}`,
      )
      return
    case 'setting':
      log.info({ setting: event }, `${event.agent} changed ${event.name}: ${event.reason}`)
      return
    case 'stage':
    case 'run':
    case 'report':
      return
  }
}
