import type { Decision } from '../kernel/decision.ts'
import type { Interaction } from '../kernel/interaction.ts'
import { noUsage } from '../kernel/chat.ts'
import type { NanoUsd } from '../kernel/money.ts'
import type { LedgerEntry } from '../kernel/stores.ts'
import type { Promotion, TrainingRun } from '../kernel/training.ts'

export function anInteraction(
  change: Partial<Interaction> & { readonly costNanoUsd?: number },
): Interaction {
  const { costNanoUsd = 1_500, ...fields } = change
  return {
    id: 'int_1',
    taskId: 'task_1',
    agent: 'king',
    purpose: 'serve',
    model: 'acme/model',
    modelKind: 'frontier',
    checkpoint: null,
    messages: [{ role: 'user', content: 'Where is my parcel?' }],
    sampling: { temperature: 0.2, maxTokens: 64 },
    answer: 'shipping, normal',
    finishReason: 'stop',
    usage: { ...noUsage, promptTokens: 9, completionTokens: 4, cost: costNanoUsd as NanoUsd },
    latencyMs: 410.5,
    retries: 0,
    streamed: false,
    error: null,
    simulated: true,
    generationId: null,
    startedAtMs: 1_000,
    ...fields,
  }
}

export function aDecision(change: Partial<Decision>): Decision {
  return {
    taskId: 'task_1',
    agent: 'king',
    kind: 'triage',
    id: 'dec_1',
    requestedModel: 'village',
    route: 'local',
    model: 'local/tiny',
    reason: 'complexity 0.04 is below the threshold 0.10',
    complexity: 0.04,
    threshold: 0.1,
    policy: 'learned',
    checkpoint: 'hash_1',
    datasetVersionId: 'ds_1',
    auditProbability: 0.05,
    audited: false,
    alwaysFrontierCost: 2_000 as NanoUsd,
    cost: 0 as NanoUsd,
    simulated: true,
    interactionId: 'int_1',
    decidedAtMs: 1_000,
    ...change,
  }
}

export function aPromotion(change: Partial<Promotion>): Promotion {
  return {
    id: 'promo_1',
    agent: 'king',
    action: 'promotion',
    from: null,
    to: 'hash_1',
    evaluationId: 'eval_1',
    reason: 'better on held-out tasks',
    atMs: 1_000,
    ...change,
  }
}

export function aTrainingRun(change: Partial<TrainingRun>): TrainingRun {
  return {
    id: 'run_1',
    agent: 'king',
    trigger: '120 new examples',
    datasetVersionId: 'ds_1',
    status: 'running',
    phase: 'sft',
    step: 1,
    maxSteps: 100,
    metrics: { loss: 0.5 },
    reason: null,
    checkpointHash: null,
    startedAtMs: 1_000,
    finishedAtMs: null,
    ...change,
  }
}

/** One record of every type of the ledger. */
export function oneOfEachEntry(): readonly LedgerEntry[] {
  const messages = [{ role: 'user', content: 'Sort: "late parcel"' }] as const
  const right = { model: 'acme/model', distillable: 'yes', basis: 'models-list' } as const
  const shared = { taskId: 'task_1', agent: 'king', kind: 'triage' } as const
  return [
    { type: 'interaction', record: anInteraction({}) },
    { type: 'decision', record: aDecision({}) },
    {
      type: 'comparison',
      record: {
        ...shared,
        id: 'cmp_1',
        candidateInteractionId: 'int_2',
        referenceInteractionId: 'int_1',
        checkpoint: 'hash_1',
        method: 'exact',
        source: 'audit',
        verdict: 'both',
        probability: 0.05,
        comparedAtMs: 1_000,
      },
    },
    {
      type: 'feedback',
      record: {
        id: 'fb_1',
        decisionId: 'dec_1',
        taskId: 'task_1',
        rating: -1,
        correction: 'shipping, urgent',
        comment: null,
        receivedAtMs: 1_000,
      },
    },
    {
      type: 'example',
      record: {
        ...shared,
        id: 'ex_1',
        messages,
        answer: 'shipping, normal',
        interactionId: 'int_1',
        verifier: null,
        use: 'train',
        right,
        vouchedBy: 'frontier',
        createdAtMs: 1_000,
      },
    },
    {
      type: 'preference-pair',
      record: {
        ...shared,
        id: 'pair_1',
        messages,
        chosen: 'shipping, normal',
        rejected: 'billing, normal',
        comparisonId: 'cmp_1',
        checkpoint: 'hash_1',
        right,
        createdAtMs: 1_000,
      },
    },
    {
      type: 'dataset-version',
      record: {
        id: 'ds_1',
        agent: 'king',
        hash: 'abc',
        sftPath: 'datasets/ds_1/sft.jsonl',
        preferencesPath: null,
        counts: { examples: 1, replayed: 0, pairs: 0, byKind: { triage: 1 }, byRight: { yes: 1 } },
        createdAtMs: 1_000,
      },
    },
    {
      type: 'checkpoint',
      record: {
        hash: 'hash_1',
        agent: 'king',
        folder: 'checkpoints/run_1',
        ggufPath: 'checkpoints/run_1/adapter.gguf',
        studentHash: 'def',
        trainingRunId: 'run_1',
        datasetVersionId: 'ds_1',
        createdAtMs: 1_000,
      },
    },
    {
      type: 'evaluation-report',
      record: {
        id: 'eval_1',
        agent: 'king',
        candidate: 'hash_1',
        serving: null,
        kinds: [{ kind: 'triage', tasks: 9, candidateRight: 8, servingRight: 1, won: 7, lost: 0 }],
        tasks: 9,
        candidateRight: 8,
        servingRight: 1,
        pValue: 0.0078125,
        promoted: true,
        why: '8 of 9 held-out tasks right, against 1',
        evaluatedAtMs: 1_000,
      },
    },
    { type: 'promotion', record: aPromotion({}) },
    {
      type: 'threshold-change',
      record: { agent: 'king', value: 0.12, reason: 'audits agree', atMs: 1_000 },
    },
    {
      type: 'cache-check',
      record: {
        id: 'check_1',
        tenant: 'key_1',
        agent: 'king',
        taskId: 'task_2',
        keptDecisionId: 'dec_1',
        madeDecisionId: 'dec_2',
        hitDecisionId: null,
        similarity: 0.93,
        measure: 'an-embedder',
        band: 0,
        epoch: 1,
        probability: 1,
        method: 'exact',
        wrong: false,
        checkedAtMs: 1_000,
      },
    },
  ]
}
