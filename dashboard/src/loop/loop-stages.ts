import type { VillageStatus } from '../../../src/http/contract.ts'
import { countText, countedText, shareText, wordsText } from '../page/format.ts'

const loopStageNames = [
  'record',
  'compare',
  'dataset',
  'train',
  'gate',
  'promote',
  'serve',
] as const

export type LoopStageName = (typeof loopStageNames)[number]

export type LoopStage = {
  readonly name: LoopStageName
  readonly title: string
  readonly explanation: string
  /** What the stage has done so far. */
  readonly figure: string
  readonly running: boolean
}

/** The stages of the picture that are running, from the village's own word for what it does. */
export function runningStages(status: VillageStatus): readonly LoopStageName[] {
  switch (status.loop.stage) {
    case 'starting':
    case 'draining':
      return []
    case 'serving':
      return ['serve']
    case 'collecting':
      return ['record', 'compare']
    case 'training':
      return [isBuildingDataset(status) ? 'dataset' : 'train']
    case 'evaluating':
      return ['gate']
    case 'promoting':
    case 'rolling-back':
      return ['promote']
  }
}

export function loopStages(status: VillageStatus): readonly LoopStage[] {
  const running = runningStages(status)
  const figures = stageFigures(status)
  return loopStageNames.map((name) => ({
    name,
    title: name === 'promote' && status.loop.stage === 'rolling-back' ? 'Roll back' : titles[name],
    explanation: explanations[name],
    figure: figures[name],
    running: running.includes(name),
  }))
}

/** One headline for what the village does now. */
export function loopHeadline({ stage, agent }: VillageStatus['loop']): string {
  const name = agent ? agentTitle(agent) : null
  switch (stage) {
    case 'starting':
      return 'Starting'
    case 'serving':
      return 'Serving'
    case 'collecting':
      return name ? `Collecting examples for ${name}` : 'Collecting examples'
    case 'training':
      return name ? `Training ${name}` : 'Training'
    case 'evaluating':
      return name ? `Examining ${name}’s candidate` : 'Examining a candidate'
    case 'promoting':
      return name ? `Promoting ${name}’s candidate` : 'Promoting a candidate'
    case 'rolling-back':
      return name ? `Rolling ${name} back` : 'Rolling back'
    case 'draining':
      return 'Finishing open requests, then stopping'
  }
}

/** What stands under the headline: the step of a run that is under way, else the village's own words. */
export function loopDetail({ loop, runs }: VillageStatus): string {
  const run = runs.find((each) => each.status === 'running' && each.agent === loop.agent)
  if (loop.stage === 'training' && run) return [runStepText(run), run.trigger].join(' · ')
  if (loop.detail) return loop.detail
  return loop.stage === 'collecting'
    ? 'Answers are recorded and compared until an agent has enough examples to train on.'
    : ''
}

/** "SFT, step 12 of 240"; only the phase while the number of steps is not known. */
export function runStepText(run: VillageStatus['runs'][number]): string {
  const phase = run.phase.length <= 4 ? run.phase.toUpperCase() : wordsText(run.phase)
  return run.maxSteps > 0 ? `${phase}, step ${run.step} of ${run.maxSteps}` : phase
}

export function agentTitle(agent: string): string {
  return agent.charAt(0).toUpperCase() + agent.slice(1)
}

const titles: Readonly<Record<LoopStageName, string>> = {
  record: 'Record',
  compare: 'Compare',
  dataset: 'Dataset',
  train: 'Train',
  gate: 'Gate',
  promote: 'Promote',
  serve: 'Serve',
}

const explanations: Readonly<Record<LoopStageName, string>> = {
  record: 'Every task and answer is kept',
  compare: 'Local and frontier answers to one task',
  dataset: 'Answers that may be trained on',
  train: 'SFT, then DPO, on own weights',
  gate: 'Held-out tasks, paired test',
  promote: 'Hot swap, or back again',
  serve: 'Cheapest model shown good enough',
}

function stageFigures(status: VillageStatus): Readonly<Record<LoopStageName, string>> {
  const { totals, agents, runs } = status
  const examples = agents.reduce((sum, agent) => sum + agent.trainingExamples, 0)
  const localShare = totals.tasks > 0 ? totals.localTasks / totals.tasks : null
  return {
    record: countedText(totals.tasks, 'task'),
    compare: `${countText(totals.shadowRuns)} shadow, ${countText(totals.audits)} audits`,
    dataset: countedText(examples, 'example'),
    train: countedText(runs.length, 'run'),
    gate: `${countText(totals.refusedByGate)} refused`,
    promote: `${countText(totals.promotions)} up, ${countText(totals.rollbacks)} back`,
    serve: `${shareText(localShare)} local in all`,
  }
}

function isBuildingDataset(status: VillageStatus): boolean {
  const current = status.runs.find((run) => run.status === 'running')
  return /data/i.test(current?.phase ?? '')
}
