import { join } from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import type { CodeRunner } from '../kernel/code-runner.ts'
import type { DatasetVersion, Example } from '../kernel/dataset.ts'
import { TrainingFailedError } from '../kernel/errors.ts'
import type { Ids } from '../kernel/ids.ts'
import type { LocalModels, LocalWeights } from '../kernel/model-adapter.ts'
import type { Random } from '../kernel/random.ts'
import type { Ledger } from '../kernel/stores.ts'
import type { Checkpoint, EvaluationReport, Trainer } from '../kernel/training.ts'
import { buildDataset } from './build-dataset.ts'
import type { ModelCheckpointer } from './checkpoints.ts'
import { examine } from './evaluate.ts'
import type { ExaminationCache } from './evaluate.ts'
import { judgeCandidate } from './gate.ts'
import type { TaskResult } from './gate.ts'
import type { LearningSettings } from './learning-settings.ts'
import type { RunRecorder } from './run-recorder.ts'

export type RunParts = {
  readonly ledger: Ledger
  readonly localModels: LocalModels
  readonly trainer: Trainer
  readonly codeRunner: CodeRunner
  readonly checkpointer: ModelCheckpointer
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly settings: LearningSettings
  /** Holds `datasets/`. */
  readonly folder: string
  readonly cache: ExaminationCache
}

export type RunRequest = {
  readonly recorder: RunRecorder
  /** What serves the agent now. */
  readonly serving: LocalWeights | null
  readonly signal: AbortSignal
  readonly onEvaluating: () => void
}

export type JudgedCandidate = {
  readonly checkpoint: Checkpoint
  readonly weights: LocalWeights
  readonly dataset: DatasetVersion
  readonly report: EvaluationReport
  readonly results: readonly TaskResult[]
  readonly heldOut: readonly Example[]
}

/** One run from the examples to the gate's verdict; what serves is not touched. */
export async function trainCandidate(
  parts: RunParts,
  request: RunRequest,
): Promise<JudgedCandidate> {
  const { recorder, signal } = request
  const examples = await parts.ledger.list('example', {
    agent: recorder.run.agent,
    newestFirst: true,
    limit: parts.settings.windowExamples,
  })
  const heldOut = examples.filter(({ use }) => use === 'held-out')
  const start = await startingPoint(parts, request)
  const dataset = await makeDataset(parts, request, { examples, ...start })
  signal.throwIfAborted()
  const trained = await parts.trainer.train(
    {
      runId: recorder.run.id,
      agent: recorder.run.agent,
      startFrom: start.folder,
      datasetVersionId: dataset.id,
      sftPath: dataset.sftPath,
      preferencesPath: dataset.preferencesPath,
      outputFolder: parts.checkpointer.folderOf(recorder.run.id),
      seed: Math.floor(parts.random() * 2 ** 31),
    },
    { signal, onEvent: (event) => recorder.noteProgress(event) },
  )
  signal.throwIfAborted()
  const checkpoint = await parts.checkpointer.register(trained, recorder.run)
  request.onEvaluating()
  await recorder.update({
    status: 'evaluating',
    phase: 'evaluating',
    checkpointHash: checkpoint.hash,
    metrics: { ...recorder.run.metrics, ...trained.metrics },
  })
  const weights = await parts.checkpointer.verifiedWeights({
    hash: checkpoint.hash,
    path: checkpoint.ggufPath,
  })
  const results = await examineBoth(parts, request, { weights, heldOut })
  const report = judgeCandidate(
    {
      id: parts.ids.next('eval'),
      agent: recorder.run.agent,
      candidate: checkpoint.hash,
      serving: request.serving?.hash ?? null,
      results,
      evaluatedAtMs: parts.clock.now(),
    },
    parts.settings.gate,
  )
  await parts.ledger.commit([{ type: 'evaluation-report', record: report }])
  return { checkpoint, weights, dataset, report, results, heldOut }
}

type StartingPoint = { readonly folder: string | null; readonly freshSinceMs: number }

/**
 * The adapter to go on from, and when its dataset was made: what came since is new to it. A student
 * that starts anew must be taught everything; weights that no run of ours made cannot be trained.
 */
async function startingPoint(parts: RunParts, { serving }: RunRequest): Promise<StartingPoint> {
  const anew = { folder: null, freshSinceMs: 0 }
  if (!parts.settings.continueFromServing || serving === null) return anew
  const checkpoint = await parts.checkpointer.find(serving.hash)
  if (checkpoint === null) return anew
  const dataset = await parts.ledger.get('dataset-version', checkpoint.datasetVersionId)
  return { folder: checkpoint.folder, freshSinceMs: dataset?.createdAtMs ?? 0 }
}

async function makeDataset(
  parts: RunParts,
  request: RunRequest,
  from: { readonly examples: readonly Example[]; readonly freshSinceMs: number },
): Promise<DatasetVersion> {
  const { agent, datasetVersionId } = request.recorder.run
  const checkpoint = request.serving?.hash ?? null
  const dataset = await buildDataset({
    agent,
    examples: from.examples.filter(({ use }) => use === 'train'),
    pairs: await parts.ledger.list('preference-pair', {
      agent,
      newestFirst: true,
      limit: parts.settings.windowExamples,
    }),
    freshSinceMs: from.freshSinceMs,
    checkpoint,
    doableKinds: await doableKinds(parts, request),
    heldOutShare: parts.settings.heldOutShare,
    settings: parts.settings.dataset,
    folder: join(parts.folder, 'datasets'),
    id: datasetVersionId,
    random: parts.random,
    ids: parts.ids,
    clock: parts.clock,
  })
  if (dataset.counts.examples === 0) throw new TrainingFailedError('There is nothing to train on')
  await parts.ledger.commit([{ type: 'dataset-version', record: dataset }])
  return dataset
}

/** Kinds of which the weights now serving got at least half right when they were examined. */
async function doableKinds(
  parts: RunParts,
  { recorder, serving }: RunRequest,
): Promise<ReadonlySet<string>> {
  const report = await reportOn(parts.ledger, recorder.run.agent, serving)
  const doable = report?.kinds.filter(({ tasks, candidateRight }) => candidateRight * 2 >= tasks)
  return new Set(doable?.map(({ kind }) => kind))
}

/** The report that weights were promoted by, if one is among the newest. */
export async function reportOn(
  ledger: Ledger,
  agent: Checkpoint['agent'],
  weights: LocalWeights | null,
): Promise<EvaluationReport | null> {
  if (weights === null) return null
  const reports = await ledger.list('evaluation-report', { agent, newestFirst: true, limit: 100 })
  return reports.find(({ candidate, promoted }) => promoted && candidate === weights.hash) ?? null
}

/** Both are loaded beside what serves, so that nothing that happens to it changes the result. */
async function examineBoth(
  parts: RunParts,
  request: RunRequest,
  { weights, heldOut }: { weights: LocalWeights; heldOut: readonly Example[] },
): Promise<readonly TaskResult[]> {
  const { localModels, codeRunner, settings, cache } = parts
  const candidate = await localModels.load(weights).catch((error: unknown) => {
    throw new TrainingFailedError(
      `The checkpoint does not load in the serving runtime: ${(error as Error).message}`,
      { cause: error },
    )
  })
  try {
    const serving = request.serving === null ? null : await localModels.load(request.serving)
    try {
      return await examine({
        candidate: { adapter: candidate.adapter, checkpoint: weights.hash },
        serving: {
          adapter: serving?.adapter ?? localModels.forAgent('base'),
          checkpoint: request.serving?.hash ?? null,
        },
        examples: heldOut,
        codeRunner,
        settings: settings.evaluation,
        cache,
        signal: request.signal,
      })
    } finally {
      await serving?.release()
    }
  } finally {
    await candidate.release()
  }
}
