import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AgentManager } from '../src/agents/agent-manager.ts'
import { defaultAgentsSettings } from '../src/agents/default-settings.ts'
import type { Budgets } from '../src/kernel/api-key.ts'
import { systemClock, type Clock } from '../src/kernel/clock.ts'
import { noUsage } from '../src/kernel/chat.ts'
import { UnknownModelError } from '../src/kernel/errors.ts'
import { createIds } from '../src/kernel/ids.ts'
import type { EmbeddingModels, EmbeddingsRequest } from '../src/kernel/embeddings.ts'
import type { Distillable, ModelAdapter, ModelCatalogue } from '../src/kernel/model-adapter.ts'
import type { NanoUsd } from '../src/kernel/money.ts'
import { seededRandom } from '../src/kernel/random.ts'
import type { VillageStore } from '../src/kernel/stores.ts'
import { LearningCycle } from '../src/learning/learning-cycle.ts'
import { defaultLearningSettings } from '../src/learning/learning-settings.ts'
import { Thresholds } from '../src/routing/thresholds.ts'
import { RateLimitsOfKeys } from '../src/village/access/access.ts'
import { Accounting } from '../src/village/figures/accounting.ts'
import { aimOf } from '../src/village/planning/agent-aim.ts'
import type { AgentTargets } from '../src/village/planning/agent-targets.ts'
import { AIVillage } from '../src/village/ai-village.ts'
import { AuditMoney } from '../src/village/access/audit-money.ts'
import { CandidateChain } from '../src/village/planning/candidate-chain.ts'
import type { CascadeSettings } from '../src/village/planning/cascade-settings.ts'
import { CertifiedService } from '../src/village/planning/certified-service.ts'
import { FollowUps } from '../src/village/follow-up/follow-ups.ts'
import { FrontierCostEstimate } from '../src/village/figures/frontier-cost-estimate.ts'
import { learningAdvice } from '../src/village/planning/learning-advice.ts'
import { Spending } from '../src/village/access/spending.ts'
import { LocalLatency } from '../src/village/planning/local-latency.ts'
import { SureAnswers } from '../src/village/planning/sure-answers.ts'
import { StatusBoard } from '../src/village/figures/status-board.ts'
import { TaskRouter } from '../src/village/planning/task-router.ts'
import { free, frontierCost, scriptedLocalModels, scriptedModel } from './scripted-models.ts'
import type { Script, ScriptedTraits } from './scripted-models.ts'

const cheaperCost = 100 as NanoUsd

/** Price, cost and pause are those of the frontier models. */
export type TestVillageOptions = ScriptedTraits & {
  readonly store: VillageStore
  readonly frontier: Script
  readonly local: Script
  readonly teacher?: Script
  /** Budgets of the whole village. */
  readonly money?: { readonly budgets: Budgets }
  readonly spending?: Spending
  readonly clock?: Clock
  /** Frontier models that are called instead of the scripted ones. */
  readonly catalogue?: ModelCatalogue & EmbeddingModels
  /** Of the ids: two villages over one store must not share it. */
  readonly seed?: number
  /** What the routing of the agents is to reach, as if a checkpoint served. */
  readonly targets?: AgentTargets
  /** Routes by certificates, as if a checkpoint served. */
  readonly certified?: {
    /** What King's cheaper frontier model `vendor/cheap` says, where it has one. */
    readonly cheaper?: Script
    readonly alpha: number
    readonly delta: number
    readonly cascade?: CascadeSettings
  }
}

/** A village over a given store whose models say what a test wants; nothing is trained. */
export function createTestVillage(options: TestVillageOptions) {
  const clock = options.clock ?? systemClock
  const ids = createIds(clock, seededRandom(options.seed ?? 1))
  const frontierModels = { king: 'vendor/king', sage: 'vendor/sage', magi: 'vendor/magi' }
  const teacherModels = { king: null, sage: 'vendor/teacher', magi: 'vendor/teacher' }
  const frontier = (id: string, distillable: Distillable, script: Script) =>
    [id, scriptedModel(id, distillable, script, options)] as const
  const adapters = new Map<string, ModelAdapter>([
    frontier('vendor/king', 'yes', options.frontier),
    frontier('vendor/sage', 'no', options.frontier),
    frontier('vendor/magi', 'no', options.frontier),
    [
      'vendor/cheap',
      scriptedModel('vendor/cheap', 'no', options.certified?.cheaper ?? options.frontier, {
        cost: cheaperCost,
      }),
    ],
    frontier('vendor/teacher', 'yes', options.teacher ?? options.frontier),
  ])
  const scripted = {
    list: () => Promise.resolve([...adapters.values()].map((adapter) => adapter.description)),
    adapter: (id: string) => {
      const adapter = adapters.get(id)
      return adapter === undefined
        ? Promise.reject(new UnknownModelError(id, [...adapters.keys()]))
        : Promise.resolve(adapter)
    },
    embed: ({ model }: EmbeddingsRequest) =>
      Promise.resolve({
        data: [{ index: 0, embedding: [1, 0] }],
        usage: { ...noUsage, cost: options.cost ?? frontierCost },
        model,
        latencyMs: 1,
        retries: 0,
      }),
    embeddingPrice: () => Promise.resolve(options.price ?? free),
  }
  const catalogue = options.catalogue ?? scripted
  const local = scriptedLocalModels(options.local, options.localProbability)
  const accounting = new Accounting()
  const spending = options.spending ?? new Spending({ clock, ...options.money })
  const auditMoney = new AuditMoney(spending)
  const limits = new RateLimitsOfKeys()
  const board = new StatusBoard()
  const codeRunner = {
    run: (code: string) =>
      Promise.resolve(
        code.includes('right')
          ? ({ passed: true } as const)
          : ({ passed: false, reason: 'the test failed' } as const),
      ),
    close: () => Promise.resolve(),
  }
  const errors: unknown[] = []
  const cycle = new LearningCycle({
    ledger: options.store.ledger,
    runs: options.store.runs,
    states: options.store.states,
    localModels: local,
    trainer: {
      unavailableBecause: () => 'this village does not train',
      train: () => Promise.reject(new Error('this village does not train')),
    },
    codeRunner,
    clock,
    ids,
    random: seededRandom(2),
    settings: defaultLearningSettings,
    folder: mkdtempSync(join(tmpdir(), 'village-test-')),
    targetQuality: () => 0.95,
    onChange: (event) => board.noteLearning(event),
    onPromoted: () => undefined,
  })
  const certified =
    options.certified === undefined
      ? undefined
      : new CertifiedService({ ...options.certified, estimateFrontierCost: () => frontierCost })
  const costs = new FrontierCostEstimate()
  const { targets } = options
  const latency = new LocalLatency({ msPerToken: null })
  const router = new TaskRouter({
    agents: new AgentManager(defaultAgentsSettings),
    local,
    clock,
    ids,
    random: seededRandom(3),
    policy: 'learned',
    thresholds: new Thresholds(),
    sureAnswers: new SureAnswers(
      { maxAddedLatencyMs: 1000, streamPrefixTokens: 48, agreementSamples: 0 },
      latency,
    ),
    codeRunner,
    ...(certified === undefined ? {} : { certified }),
    ...(options.certified?.cheaper !== undefined && { chain: chainOf(options.certified) }),
    ...(targets !== undefined && {
      aim: (task) => aimOf(task, { targets, costs, accounting, clock }),
    }),
    canAudit: () => auditMoney.isThere(),
    learningAdvice: (task) => {
      const advice = learningAdvice(task, { cycle, accounting, teacherModels })
      return certified === undefined && targets === undefined
        ? advice
        : { ...advice, hasCheckpoint: true, auditProbability: 0 }
    },
  })
  const followUps = new FollowUps({
    ledger: options.store.ledger,
    catalogue,
    local,
    router,
    cycle,
    codeRunner,
    accounting,
    spending,
    auditMoney,
    board,
    clock,
    ids,
    frontierModels,
    teacherModels,
    heldOutShare: 0.12,
    signal: new AbortController().signal,
    onApplied: () => undefined,
    onError: (error) => void errors.push(error),
  })
  const village = new AIVillage({
    store: options.store,
    catalogue,
    embeddings: catalogue,
    local,
    router,
    followUps,
    accounting,
    costs,
    spending,
    limits,
    clock,
    ids,
    frontierModels,
    simulated: true,
    datasetOf: () => null,
  })
  return { village, router, accounting, board, cycle, errors, spending, limits, latency }
}

function chainOf(bound: { readonly alpha: number; readonly delta: number }): CandidateChain {
  return new CandidateChain({
    models: { king: ['vendor/cheap'], sage: [], magi: [] },
    makeService: () => new CertifiedService({ ...bound, estimateFrontierCost: () => frontierCost }),
    random: seededRandom(5),
  })
}

/** An answer as the gate saw it, with the probability of its least sure token. */
export function examinedAnswer(leastProbability: number) {
  const logProbability = Math.log(leastProbability)
  return {
    text: 'billing',
    isCutOff: false,
    meanLogProbability: logProbability,
    leastLogProbability: logProbability,
    latencyMs: 20,
    tokens: 5,
  }
}

/** Held-out results as a gate would hand them over, all of one sort. */
export function heldOutLabels(text: (index: number) => string, kind: string, goodEnough: boolean) {
  return Array.from({ length: 80 }, (_, index) => ({
    messages: [{ role: 'user' as const, content: text(index) }],
    kind,
    goodEnough,
    answer: null,
    testsPassed: null,
  }))
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'village-store-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
