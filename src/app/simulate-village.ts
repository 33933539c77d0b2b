import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { lastUserText, textOfMessage } from '../kernel/chat.ts'
import { addMoney, noMoney } from '../kernel/money.ts'
import type { NanoUsd } from '../kernel/money.ts'
import type { ChatRequest } from '../kernel/chat.ts'
import type { LearningEvent } from '../learning/learning-event.ts'
import { countedLatency } from '../simulation/counted-latency.ts'
import { demoFamilies } from '../simulation/families/demo-families.ts'
import type { Family } from '../simulation/families/family.ts'
import { answerFor } from '../simulation/openrouter/simulated-answer.ts'
import { createReport } from '../simulation/report.ts'
import type { LoopEvent, SimulationReport, TaskOutcome } from '../simulation/report.ts'
import { SimulationEnvironment } from '../simulation/simulation-environment.ts'
import type { AnsweredTask } from '../simulation/simulation-environment.ts'
import { createTraffic } from '../simulation/traffic.ts'
import { createVirtualClock } from '../simulation/virtual-clock.ts'
import { createLogger } from '../telemetry/create-logger.ts'
import type { VillageSettings } from '../village/settings.ts'
import { demoRequestsPerMinute } from './demo-pace.ts'
import { readSettings, takeHomeFolder } from './home-folder.ts'
import { openVillage } from './open-village.ts'
import { scoreInHindsight } from './score-in-hindsight.ts'
import type { OpenVillage } from './open-village.ts'
import { startSimulatedFrontier } from './simulated-frontier.ts'

export type SimulateOptions = {
  readonly tasks: number
  readonly seed: number
  /** Kept afterwards; without it a temporary folder is used and removed. */
  readonly home?: string
  readonly settings?: VillageSettings
  /** What the tasks are drawn from; the demo's families when left out. */
  readonly families?: readonly Family[]
  /** A module with families that the simulated frontier is to solve beside the demo's. */
  readonly familiesModule?: string
  readonly onLearning?: (event: LearningEvent) => void
  readonly signal: AbortSignal
  onProgress?(progress: {
    readonly answered: number
    /** Of the last tasks; null before the first. */
    readonly localShare: number | null
    /** What the loop does now, in words. */
    readonly stage: string
  }): void
}

const recentTasks = 200
const virtualStartMs = Date.UTC(2026, 0, 1)

/** Runs the whole loop on simulated tasks, in the foreground and in virtual time. */
export async function simulateVillage(options: SimulateOptions): Promise<SimulationReport> {
  const startedAt = performance.now()
  const events: LoopEvent[] = []
  const run = await openSimulation(options, (type) => {
    const atSeconds = (performance.now() - startedAt) / 1000
    events.push({ type, atSeconds, afterTasks: run.environment.answered.length })
  })
  try {
    await run.environment.run(options.tasks)
    const outcomes = await outcomesOf(run.environment.answered, run.village, options.seed)
    return createReport(outcomes, events)
  } finally {
    await run.close()
  }
}

/** A village in virtual time with simulated traffic, for whoever wants to step through it. */
export async function openSimulation(
  options: Omit<SimulateOptions, 'tasks'>,
  onLoopEvent: (type: LoopEvent['type']) => void = () => undefined,
) {
  const homePath = options.home ?? mkdtempSync(join(tmpdir(), 'village-simulation-'))
  const home = takeHomeFolder(homePath)
  const { logger, close: closeLogger } = await createLogger({ folder: home.logs })
  const frontier = await startSimulatedFrontier({
    seed: options.seed,
    latency: 'counted',
    ...(options.familiesModule === undefined ? {} : { familiesModule: options.familiesModule }),
  })
  const clock = createVirtualClock({ startMs: virtualStartMs })
  const pool = new Pool(new URL(frontier.baseUrl).origin, { connections: 16 })
  const settings = options.settings ?? readSettings(home.settingsFile)
  const village = await openVillage({
    home,
    settings: {
      ...settings,
      // Whatever the operator chose: a simulation is the same every time.
      local: { ...settings.local, batching: 'deterministic' },
      frontier: { ...settings.frontier, requestsPerMinute: demoRequestsPerMinute },
    },
    frontier: {
      baseUrl: frontier.baseUrl,
      apiKey: frontier.apiKey,
      simulated: true,
      dispatcher: pool.compose(countedLatency(clock)),
    },
    log: logger,
    clock,
    seed: options.seed,
    onLearning: (event) => {
      options.onLearning?.(event)
      if (event.type === 'run') {
        const { agent, phase, step, maxSteps } = event.run
        options.onProgress?.({
          answered: environment.answered.length,
          localShare: null,
          stage: `${agent}: ${phase} ${step}/${maxSteps}`,
        })
      }
      if (event.type === 'promotion' && event.promotion.action !== 'forced') {
        onLoopEvent(event.promotion.action)
      }
      if (event.type === 'report' && !event.report.promoted) onLoopEvent('refused-by-gate')
    },
  })
  const environmentOn = (families: readonly Family[], seed: number) =>
    new SimulationEnvironment({
      service: village.village,
      traffic: createTraffic({ seed, families }),
      clock,
      settle: () => village.settle(),
      signal: options.signal,
      onProgress: (answered) => {
        const recent = answered.slice(-recentTasks)
        const local = recent.filter(({ route }) => route === 'local').length
        options.onProgress?.({
          answered: answered.length,
          localShare: recent.length === 0 ? null : local / recent.length,
          stage: 'answering',
        })
      },
    })
  const environment = environmentOn(options.families ?? demoFamilies, options.seed)
  return {
    village,
    environment,
    /** Further tasks of other families for the same village. */
    environmentOn,
    frontier,
    close: async () => {
      await village.close()
      await pool.close()
      await frontier.close()
      await closeLogger()
      if (options.home === undefined) rmSync(homePath, { recursive: true, force: true })
    },
  }
}

/** Scores the answers by the truth and adds up what each task cost, audits and teacher included. */
async function outcomesOf(
  answered: readonly AnsweredTask[],
  village: OpenVillage,
  seed: number,
): Promise<readonly TaskOutcome[]> {
  const spent = new Map<string, NanoUsd>()
  for await (const { taskId, usage } of village.store.ledger.scan('interaction')) {
    spent.set(taskId, addMoney(spent.get(taskId) ?? noMoney, usage.cost))
  }
  const scored = await scoreInHindsight(answered, village, ({ task, agent }) =>
    task.truth.isRight(frontierAnswer(task, agent, village, seed).text),
  )
  return answered.map(({ task, taskId, agent, route, right }) => {
    const frontier = frontierAnswer(task, agent, village, seed)
    const known = scored.get(taskId)
    return {
      family: task.family,
      agent: task.agent,
      expectation: task.expectation,
      route,
      right,
      frontierRight: task.truth.isRight(frontier.text),
      cost: spent.get(taskId) ?? noMoney,
      alwaysFrontierCost: frontier.costNanoUsd,
      ...(known !== undefined && { scored: known }),
    }
  })
}

/** What the frontier would have said to the task, whoever answered it. */
function frontierAnswer(
  task: AnsweredTask['task'],
  agent: AnsweredTask['agent'],
  village: OpenVillage,
  seed: number,
) {
  const named = village.agents.agent(agent)
  const request = named.composeFrontierRequest(task.request)
  return answerFor({
    model: named.settings.frontierModel,
    prompt: lastUserText(request.messages),
    seed,
    promptBytes: bytesOf(request),
    maxTokens: request.sampling.maxTokens,
  })
}

function bytesOf(request: ChatRequest): number {
  return request.messages.reduce(
    (sum, message) => sum + Buffer.byteLength(textOfMessage(message)),
    0,
  )
}
