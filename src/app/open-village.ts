import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { Dispatcher } from 'undici'
import { AgentManager } from '../agents/agent-manager.ts'
import { defaultAgentsSettings } from '../agents/default-settings.ts'
import type { AgentsSettings } from '../agents/default-settings.ts'
import { agentNames } from '../kernel/agent-name.ts'
import { systemClock } from '../kernel/clock.ts'
import type { Clock } from '../kernel/clock.ts'
import { createIds } from '../kernel/ids.ts'
import type { LocalModels } from '../kernel/model-adapter.ts'
import { deriveSeed, seededRandom } from '../kernel/random.ts'
import type { VillageStore } from '../kernel/stores.ts'
import { LearningCycle } from '../learning/learning-cycle.ts'
import { defaultLearningSettings } from '../learning/learning-settings.ts'
import type { LearningSettings } from '../learning/learning-settings.ts'
import { createTrainerProcess, tinyStudentTrainerSettings } from '../learning/trainer-process.ts'
import { startLlamaCpp } from '../models/llama-cpp/start-llama-cpp.ts'
import { createOpenRouter } from '../models/openrouter/openrouter.ts'
import { defaultThresholdSettings, Thresholds } from '../routing/thresholds.ts'
import { createCodeRunner } from '../safety/code-runner.ts'
import { openStore } from '../store/open-store.ts'
import { Accounting } from '../village/accounting.ts'
import { AIVillage } from '../village/ai-village.ts'
import { FollowUps } from '../village/follow-ups.ts'
import { FrontierCostEstimate } from '../village/frontier-cost-estimate.ts'
import type { VillageSettings } from '../village/settings.ts'
import { StatusBoard } from '../village/status-board.ts'
import { TaskRouter } from '../village/task-router.ts'
import { VillageMemory } from '../village/village-memory.ts'
import type { HomeFolder } from './home-folder.ts'
import { tinyStudent } from './local-student.ts'
import { createPythonSideReader, pythonPaths } from './python-side.ts'

export type VillageLog = {
  info(details: Readonly<Record<string, unknown>>, message: string): void
  warn(details: Readonly<Record<string, unknown>>, message: string): void
  error(details: Readonly<Record<string, unknown>>, message: string): void
}

export type OpenVillageOptions = {
  readonly home: HomeFolder
  readonly settings: VillageSettings
  readonly frontier: {
    readonly baseUrl: string
    readonly apiKey: string
    readonly simulated: boolean
    readonly dispatcher?: Dispatcher
  }
  readonly log: VillageLog
  readonly clock?: Clock
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
  const stopping = new AbortController()
  const store = await openStore({ path: home.database, durability: settings.durability })
  const local = await startLocalModels(clock, log)
  const catalogue = createOpenRouter({
    ...settings.frontier,
    ...frontier,
    clock,
    random: random('retries'),
    title: 'AI Village',
  })
  const codeRunner = createCodeRunner()
  const accounting = new Accounting()
  const costs = new FrontierCostEstimate()
  const board = new StatusBoard()
  const readPythonSide = createPythonSideReader(() => Date.now())
  const agentsSettings = agentsSettingsFrom(settings)
  const agents = new AgentManager(agentsSettings)
  const learningSettings = learningSettingsFrom(settings)
  const report = (error: unknown): void => log.error({ err: error }, 'work after an answer failed')

  const cycle = new LearningCycle({
    ledger: store.ledger,
    runs: store.runs,
    states: store.states,
    localModels: local,
    trainer: createTrainerProcess({
      pythonPath: pythonPaths.python,
      trainerFolder: pythonPaths.trainerFolder,
      studentFolder: tinyStudent.folder,
      converterFolder: pythonPaths.converterFolder,
      threads: settings.learning.threads ?? availableParallelism(),
      settings: tinyStudentTrainerSettings,
      readState: readPythonSide,
    }),
    codeRunner,
    clock,
    ids,
    random: random('datasets'),
    settings: learningSettings,
    folder: home.checkpoints,
    onChange: (change) => board.noteChange(change),
    onServing: async ({ agent, labels }) => {
      accounting.forgetQuality(agent)
      const change = router.restart(agent, labels)
      await store.ledger.commit([{ type: 'threshold-change', record: change }])
    },
  })
  const router: TaskRouter = new TaskRouter({
    agents,
    local,
    clock,
    ids,
    random: random('routing'),
    policy: settings.routing.policy,
    thresholds: new Thresholds({
      ...defaultThresholdSettings,
      targetLoss: settings.routing.targetLoss,
    }),
    learningAdvice: (task) => cycle.adviceFor(task, accounting, costs),
  })
  const followUps = new FollowUps({
    ledger: store.ledger,
    catalogue,
    local,
    router,
    cycle,
    codeRunner,
    accounting,
    board,
    clock,
    ids,
    frontierModels: agentsModels(agentsSettings, (agent) => agent.frontierModel),
    teacherModels: agentsModels(agentsSettings, (agent) => agent.teacherModel),
    heldOutShare: learningSettings.heldOutShare,
    signal: stopping.signal,
    onError: report,
  })
  const village = new AIVillage({
    store,
    catalogue,
    local,
    router,
    followUps,
    accounting,
    costs,
    clock,
    ids,
    frontierModels: agentsModels(agentsSettings, (agent) => agent.frontierModel),
    simulated: frontier.simulated,
    datasetOf: (checkpoint) => cycle.datasetOf(checkpoint),
  })
  const memory = new VillageMemory({ store, router, accounting, costs, board })
  await memory.restore()
  await cycle.recover()
  void seed
  void agentNames
  return { village, store, cycle, board, accounting, memory, local, catalogue, stopping }
}

async function startLocalModels(clock: Clock, log: VillageLog): Promise<LocalModels> {
  return startLlamaCpp({
    basePath: tinyStudent.ggufPath,
    studentFolder: tinyStudent.folder,
    agents: agentNames,
    clock,
    onRestart: (reason: string) =>
      log.warn({ reason }, 'the local inference process was restarted'),
  })
}

function agentsSettingsFrom(settings: VillageSettings): AgentsSettings {
  const merged = agentNames.map(
    (name) => [name, { ...defaultAgentsSettings[name], ...settings.agents[name] }] as const,
  )
  return Object.fromEntries(merged) as AgentsSettings
}

function learningSettingsFrom(settings: VillageSettings): LearningSettings {
  const { heldOutShare, examplesPerRun, teacherShare } = settings.learning
  return {
    ...defaultLearningSettings,
    heldOutShare,
    trigger: { ...defaultLearningSettings.trigger, newExamples: examplesPerRun },
    teacher: { ...defaultLearningSettings.teacher, share: teacherShare },
  }
}

function agentsModels<Value>(
  settings: AgentsSettings,
  read: (agent: AgentsSettings['king']) => Value,
): Readonly<Record<'king' | 'sage' | 'magi', Value>> {
  return { king: read(settings.king), sage: read(settings.sage), magi: read(settings.magi) }
}

export type { VillageStore }
