import { randomInt } from 'node:crypto'
import { AgentManager } from '../agents/agent-manager.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { NotReadyError } from '../kernel/errors.ts'
import { createIds } from '../kernel/ids.ts'
import { deriveSeed, seededRandom } from '../kernel/random.ts'
import { LearningCycle, type HeldOutLabel } from '../learning/learning-cycle.ts'
import type { LearningEvent } from '../learning/learning-event.ts'
import { createCodeRunner } from '../safety/code-runner.ts'
import { Accounting } from '../village/figures/accounting.ts'
import { AIVillage } from '../village/ai-village.ts'
import { AuditMoney } from '../village/access/audit-money.ts'
import { learningAdvice } from '../village/planning/learning-advice.ts'
import { FollowUps } from '../village/follow-up/follow-ups.ts'
import { FrontierCostEstimate } from '../village/figures/frontier-cost-estimate.ts'
import type { VillageSettings } from '../village/settings.ts'
import { villageStatus } from '../village/status.ts'
import { StatusBoard } from '../village/figures/status-board.ts'
import { settableTargets, targetView } from '../village/planning/target-view.ts'
import { findTrail } from '../village/figures/trail.ts'
import { VillageMemory } from '../village/village-memory.ts'
import { agentsModels, agentsSettingsFrom, learningSettingsFrom } from './agent-settings.ts'
import { openAccess } from './open-access.ts'
import { openMeaning } from './open-meaning.ts'
import { openRouting } from './open-routing.ts'
import { openTargets, targetsInFile } from './open-targets.ts'
import { openKeptAnswers } from './open-kept-answers.ts'
import { openBatches } from './open-batches.ts'
import { openVillageStore } from './open-village-store.ts'
import type { HomeFolder } from './home-folder.ts'
import { createFrontierCatalogue } from './frontier-catalogue.ts'
import type { FrontierCatalogueOptions } from './frontier-catalogue.ts'
import { learningView, logLearning } from './learning-report.ts'
import { startLocalModels } from './local-student.ts'
import { openTrainer } from './open-trainer.ts'
import { StatusSource } from './status-source.ts'
import type { VillageLog } from './village-log.ts'
import { version } from './package-version.ts'
import { createPythonSideReader } from './python-side.ts'

export type OpenVillageOptions = {
  readonly home: HomeFolder
  readonly settings: VillageSettings
  readonly frontier: FrontierCatalogueOptions['frontier']
  /** Holds the keys of the operator's servers; that of this process when left out. */
  readonly environment?: NodeJS.ProcessEnv
  readonly log: VillageLog
  readonly clock?: Clock
  onLearning?(event: LearningEvent): void
  /** Makes every choice of the village repeatable; a random one when left out. */
  readonly seed?: number
}

export type OpenVillage = Awaited<ReturnType<typeof openVillage>>

/** Puts a whole village together in its home folder and takes up where it stopped. */
export async function openVillage(options: OpenVillageOptions) {
  const { home, settings, frontier, log, clock = systemClock } = options
  const seed = options.seed ?? randomInt(2 ** 31)
  const random = (stream: string) => seededRandom(deriveSeed(seed, stream))
  const ids = createIds(clock, random('ids'))
  const startedAtMs = clock.now()
  const stopping = new AbortController()
  const store = await openVillageStore(home, settings, log)
  const targets = await openTargets(store.states, settings)
  const local = await startLocalModels(settings.local, random('sampling'), log)
  const catalogue = createFrontierCatalogue({
    settings,
    frontier,
    environment: options.environment ?? process.env,
    clock,
    random: random('retries'),
  })
  const codeRunner = createCodeRunner()
  const accounting = new Accounting()
  const costs = new FrontierCostEstimate()
  const access = await openAccess({ store, clock, ids, settings })
  const auditMoney = new AuditMoney(access.spending)
  const board = new StatusBoard()
  const readPythonSide = createPythonSideReader(() => Date.now())
  const agentsSettings = agentsSettingsFrom(settings)
  const agents = new AgentManager(agentsSettings)
  const frontierModels = agentsModels(agentsSettings, (agent) => agent.frontierModel)
  const teacherModels = agentsModels(agentsSettings, (agent) => agent.teacherModel)
  const datasets = new Map<string, string>()
  const learningSettings = learningSettingsFrom(settings)
  const report = (error: unknown): void => log.error({ err: error }, 'work after an answer failed')
  const meaning = await openMeaning({ ...options, store, onError: report })

  const routeAnew = (
    agent: AgentName,
    labels: readonly HeldOutLabel[],
    checkpoint: string | null,
  ): void => {
    accounting.forgetQuality(agent)
    const changes = router.restart(agent, labels, checkpoint)
    const entries = changes.map((record) => ({ type: 'threshold-change' as const, record }))
    if (entries.length > 0) store.ledger.commit(entries).catch(report)
    followUps.afterRestart(agent)
    memory.save().catch(report)
  }
  const cycle = new LearningCycle({
    ledger: store.ledger,
    runs: store.runs,
    states: store.states,
    localModels: local,
    trainer: openTrainer(settings, readPythonSide),
    codeRunner,
    clock,
    ids,
    random: random('datasets'),
    settings: learningSettings,
    folder: home.path,
    onChange: (event) => {
      board.noteLearning(event)
      logLearning(event, log)
      options.onLearning?.(event)
      status.changed()
    },
    targetQuality: (agent) => targets.quality(agent),
    onPromoted: ({ agent, checkpoint, labels, promotion }) => {
      sharing.cache.invalidate({ localAgent: agent })
      if (checkpoint !== null) datasets.set(checkpoint.hash, checkpoint.datasetVersionId)
      // Forced weights meet the routing of what they replace: audits, not the swap, show what they are.
      if (promotion.action === 'forced' && promotion.to !== null) return
      routeAnew(agent, labels, promotion.to)
    },
  })
  const { router, certified, fits } = await openRouting(settings, {
    agents,
    local,
    clock,
    ids,
    random: random('routing'),
    costs,
    accounting,
    targets,
    catalogue,
    log,
    signal: stopping.signal,
    codeRunner,
    onError: report,
    canAudit: () => auditMoney.isThere(),
    learningAdvice: (task) => learningAdvice(task, { cycle, accounting, teacherModels }),
  })
  const followUps = new FollowUps({
    ledger: store.ledger,
    catalogue,
    local,
    router,
    cycle,
    codeRunner,
    meaning: meaning.answers,
    accounting,
    spending: access.spending,
    auditMoney,
    board,
    clock,
    ids,
    frontierModels,
    teacherModels,
    heldOutShare: learningSettings.heldOutShare,
    signal: stopping.signal,
    onApplied: () => {
      memory.saveSometimes()
      status.changed()
    },
    onError: report,
  })
  const village = new AIVillage({
    store,
    catalogue,
    embeddings: catalogue,
    local,
    router,
    followUps,
    accounting,
    costs,
    spending: access.spending,
    limits: access.limits,
    clock,
    ids,
    frontierModels,
    simulated: frontier.simulated,
    datasetOf: (checkpoint) => (checkpoint === null ? null : (datasets.get(checkpoint) ?? null)),
  })
  const sharing = openKeptAnswers({
    ...options,
    village,
    store,
    clock,
    ids,
    random: random('cache'),
    codeRunner,
    meaning,
    signal: stopping.signal,
    onError: report,
  })
  const { batches, batchProcessor } = openBatches({
    store: store.batches,
    folder: home.files,
    clock,
    ids,
    settings,
    local,
    answering: () => sharing.service.answering,
    onError: report,
  })
  targets.onChange((agent, target) => {
    followUps.afterRetarget(agent, router.retarget(agent, target))
    status.changed()
  })
  const memory = new VillageMemory({ store, router, accounting, costs, board, clock })
  const rollbacks = await cycle.recover()
  await memory.restore()
  const servedHash = (agent: AgentName) => cycle.layer(agent).served.weights?.hash ?? null
  await sharing.start(
    ({ localAgent, checkpoint }) => localAgent === null || checkpoint === servedHash(localAgent),
  )
  const changes = await store.ledger.list('threshold-change')
  certified?.restore(changes, servedHash)
  router.chain?.restore(changes)
  for (const { agent } of rollbacks) routeAnew(agent, [], servedHash(agent))
  for (const { hash, datasetVersionId } of await store.ledger.list('checkpoint')) {
    datasets.set(hash, datasetVersionId)
  }
  const status = new StatusSource(() =>
    villageStatus({
      version,
      startedAtMs,
      simulated: frontier.simulated,
      baseUrl: frontier.baseUrl,
      replicas: () => catalogue.replicas(),
      accounting,
      board,
      agents: settings.agents,
      now: () => clock.now(),
      lastFrontierError: () => accounting.lastFrontierError,
      trainer: readPythonSide,
      policy: (agent) => router.policy(agent),
      target: (agent) => targetView(agent, { targets, router }),
      certificate: (agent) => certified?.certificate(agent) ?? null,
      candidates: (agent) => router.chain?.view(agent) ?? [],
      thresholds: () => router.thresholds(),
      learning: (agent) => learningView(cycle.layer(agent), datasets),
    }),
  )
  board.loop = { stage: 'serving', agent: null, detail: 'The village answers and records.' }
  return {
    village,
    /** What clients talk to: the village with its cache before it. */
    service: sharing.service,
    cache: sharing.cache,
    batches,
    batchProcessor,
    local,
    status,
    targets: settableTargets({ targets, router }),
    targetOf: (agent: AgentName) => targets.of(agent),
    trails: { find: (decisionId: string) => findTrail(store.ledger, decisionId) },
    access,
    store,
    cycle,
    agents,
    ids,
    clock,
    tasksSoFar: () => accounting.totals.tasks,
    /** Takes over what may change while the village runs: targets, weights and draining of replicas. */
    applySettings: (changed: VillageSettings) => {
      catalogue.apply(changed)
      targets.takeFile(targetsInFile(changed))
    },
    /** Resolves when everything that follows from the answers so far is done, training included. */
    settle: async () => {
      await village.whenIdle()
      await cycle.whenIdle()
    },
    /** Finishes what is under way, saves, and gives the home folder back. */
    close: async () => {
      board.loop = { stage: 'draining', agent: null, detail: 'The village is stopping.' }
      await batchProcessor.stop()
      await village.drain()
      await cycle.stop()
      stopping.abort(new NotReadyError('The village is stopping'))
      await sharing.stopped()
      await memory.save()
      await Promise.all([local, catalogue, codeRunner, fits].map((part) => part.close()))
      await store.close()
      home.release()
    },
  }
}
