import type { VillageStatus } from '../../src/http/contract.ts'
import { storyTimeMs, tasksPerFrame } from './fixture-clock.ts'
import { decisionsAt } from './fixture-decisions.ts'
import { agentsAt, localShareAt, savedUsdAt, seriesUpTo } from './fixture-figures.ts'
import { promotionsAt, runsAt } from './fixture-runs.ts'

/**
 * A FIXTURE: a made-up village for working on the page and for its tests. No figure here was
 * measured. Frame by frame it tells the whole story: everything at the frontier, first trainings,
 * a refused candidate, a rollback, traffic moving to the local models.
 */
export const lastFrame = 59
export const fixtureVersion = '0.0.0-fixture'

type Loop = VillageStatus['loop']

/** The same frame always gives the same status: the story has its own clock. */
export function statusAtFrame(frame: number): VillageStatus {
  const series = seriesUpTo(frame)
  const last = series.at(-1)
  const tasks = last?.tasks ?? 0
  const costUsd = last?.costUsd ?? 0
  const alwaysFrontierCostUsd = last?.alwaysFrontierCostUsd ?? 0
  const promotions = promotionsAt(frame)
  const runs = runsAt(frame)
  return {
    version: fixtureVersion,
    startedAtMs: storyTimeMs(0),
    nowMs: storyTimeMs(frame),
    simulated: true,
    frontier: { baseUrl: 'http://127.0.0.1:4141/api/v1 (fixture)', lastError: null },
    trainer:
      frame < 3
        ? { state: 'installing', detail: 'Installing PyTorch, package 3 of 9; serving goes on' }
        : { state: 'ready', detail: 'Python 3.12, TRL and PEFT on 2 cores' },
    loop: loopAt(frame, runs),
    totals: {
      tasks,
      localTasks: Math.round(
        series.reduce((sum, point) => sum + tasksPerFrame * (point.localShare ?? 0), 0),
      ),
      audits: Math.round(tasks * 0.04 * localShareAt(frame)),
      shadowRuns: Math.round(tasks * 0.31),
      teacherCalls: Math.round(tasks * 0.12),
      handovers: 0,
      handoverMs: 0,
      promotions: promotions.filter((promotion) => promotion.action === 'promotion').length,
      rollbacks: promotions.filter((promotion) => promotion.action === 'rollback').length,
      refusedByGate: runs.filter((run) => run.status === 'refused').length,
      costUsd,
      alwaysFrontierCostUsd,
      savedUsd: savedUsdAt(frame),
    },
    agents: agentsAt(frame, promotions),
    series,
    runs,
    promotions,
    decisions: decisionsAt(frame),
  }
}

function loopAt(frame: number, runs: VillageStatus['runs']): Loop {
  const current = runs.find((run) => run.status === 'running' || run.status === 'evaluating')
  if (current?.status === 'running') {
    const detail = `${current.phase.toUpperCase()} step ${current.step} of ${current.maxSteps}`
    return { stage: 'training', agent: current.agent, detail }
  }
  if (current) {
    const detail = 'Candidate and serving checkpoint answer 60 held-out tasks each'
    return { stage: 'evaluating', agent: current.agent, detail }
  }
  const promoted = promotionsAt(frame).find((each) => each.atMs === storyTimeMs(frame))
  if (promoted?.action === 'rollback') {
    return { stage: 'rolling-back', agent: promoted.agent, detail: promoted.reason }
  }
  if (promoted) {
    const detail = 'Swapping the adapter without a failed request'
    return { stage: 'promoting', agent: promoted.agent, detail }
  }
  const detail = 'Recording answers and comparing them until an agent has enough examples'
  return { stage: 'collecting', agent: null, detail }
}
