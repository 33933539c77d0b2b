import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AgentManager } from '../agents/agent-manager.ts'
import { isGoodEnough } from '../kernel/comparison.ts'
import type { Comparison } from '../kernel/comparison.ts'
import type { Decision } from '../kernel/decision.ts'
import { InvalidRequestError } from '../kernel/errors.ts'
import { usdFromNanoUsd } from '../kernel/money.ts'
import { seededRandom } from '../kernel/random.ts'
import type { Ledger } from '../kernel/stores.ts'
import type { EvaluationReport, Promotion } from '../kernel/training.ts'
import { estimateReplay } from '../routing/counterfactual.ts'
import type { ReplayedTask, ReplayEstimate } from '../routing/counterfactual.ts'
import { openStore } from '../store/open-store.ts'
import { FrontierCostEstimate } from '../village/figures/frontier-cost-estimate.ts'
import { ReplayedRouter } from '../village/planning/replayed-router.ts'
import type { RecordedTask, ReplayedRouterOptions } from '../village/planning/replayed-router.ts'
import { agentsSettingsFrom } from './agent-settings.ts'
import { GateLabels } from './gate-labels.ts'
import { databaseOf, defaultHome, readSettings } from './home-folder.ts'

/** `threshold=X` keeps local what is expected to be lost with a probability below X. */
export const replayablePolicies = [
  'first-formula',
  'learned',
  'certified',
  'always-frontier',
  'always-local',
] as const

export type PolicyName = (typeof replayablePolicies)[number] | `threshold=${number}`

export type ReplayedPolicyRow = ReplayEstimate & { readonly policy: string }

export type ReplayOptions = {
  readonly policies: readonly PolicyName[]
  /** The newest so many tasks; all when left out. */
  readonly tasks?: number
  readonly alpha?: number
  readonly seed?: number
}

type Replayable = Omit<ReplayedRouterOptions, 'costs'>

/**
 * Scores policies on the traffic that the home folder's ledger holds; the first row is what was
 * really done. May run while the village does. Throws `InvalidRequestError` when nothing is recorded.
 */
export async function replayPolicies(
  environment: NodeJS.ProcessEnv,
  options: ReplayOptions,
): Promise<readonly ReplayedPolicyRow[]> {
  const home = defaultHome(environment)
  const path = databaseOf(home)
  if (!existsSync(path)) {
    throw new InvalidRequestError(
      `There is nothing to replay: ${path} does not exist. Start the village first, or set VILLAGE_HOME.`,
    )
  }
  const settings = readSettings(join(home, 'village.json'))
  const { targetLoss, delta } = settings.routing
  const alpha = options.alpha ?? settings.routing.alpha
  const agents = new AgentManager(agentsSettingsFrom(settings))
  const store = await openStore({ path, durability: 'process', journal: false })
  try {
    return await replayLedger(store.ledger, options, { agents, targetLoss, alpha, delta })
  } finally {
    await store.close()
  }
}

/** The same, of an open ledger. */
export async function replayLedger(
  ledger: Ledger,
  { policies, tasks: most, seed = 1 }: ReplayOptions,
  router: Replayable,
): Promise<readonly ReplayedPolicyRow[]> {
  const recorded = await recordedTraffic(ledger)
  const names = ['recorded', ...policies] as const
  const rows = new Map<string, ReplayedTask[]>(names.map((name) => [name, []]))
  const compared = new Set<string>()
  const gate = new GateLabels(recorded.reports)
  const costs = new FrontierCostEstimate()
  const parts = { ...router, costs }
  const learned = new ReplayedRouter('learned', parts)
  const others = new Map<string, ReplayedRouter>()
  for (const name of policies) {
    if (name === 'certified' || name === 'first-formula')
      others.set(name, new ReplayedRouter(name, parts))
  }
  const all = [learned, ...others.values()]
  const promotions = [...recorded.promotions]
  for (const decision of recorded.decisions) {
    while (promotions[0] !== undefined && promotions[0].atMs <= decision.decidedAtMs) {
      const promotion = promotions.shift()
      if (promotion === undefined) break
      const labels = gate.labelsOf(promotion)
      for (const one of all) one.promote(promotion.agent, promotion.to, labels)
    }
    const task = await taskOf(decision, ledger)
    if (task === null) continue
    const comparison = recorded.comparisons.get(decision.taskId) ?? null
    const plans = new Map(all.map((one) => [one, one.plan(task)]))
    const known = plans.get(learned)
    const expectedLoss = known?.plan.complexity ?? 1
    const weights = `${decision.agent}:${learned.serving(decision.agent) ?? 'base'}`
    if (known !== undefined) gate.see(decision.kind, { ...task, kind: known.plan.kind })
    if (comparison !== null) compared.add(weights)
    const isPossible = decision.localPossible !== false
    for (const name of names) {
      const own = plans.get(others.get(name) ?? learned)?.plan
      rows.get(name)?.push({
        weights,
        local: isPossible && isLocal(name, decision, own?.route === 'local', expectedLoss),
        auditProbability:
          name === 'recorded' ? decision.auditProbability : (own?.auditProbability ?? 0),
        frontierCostUsd: usdFromNanoUsd(decision.alwaysFrontierCost),
        expectedLoss,
        label:
          comparison === null
            ? null
            : { loss: !isGoodEnough(comparison.verdict), probability: comparison.probability },
      })
    }
    costs.observe(task.decision.agent, decision.kind, decision.alwaysFrontierCost)
    if (comparison === null) continue
    for (const [one, planned] of plans) await one.learn(planned, comparison)
  }
  return names.map((policy) => {
    // Of weights none of whose answers was compared, nothing can be said.
    const replayed = (rows.get(policy) ?? []).filter(({ weights }) => compared.has(weights))
    const newest = most === undefined ? replayed : replayed.slice(-most)
    const estimate = estimateReplay(newest, seededRandom(seed))
    return Object.assign({ policy }, estimate)
  })
}

function isLocal(
  name: PolicyName | 'recorded',
  decision: Decision,
  bySamePolicy: boolean,
  expectedLoss: number,
): boolean {
  switch (name) {
    case 'recorded':
      return decision.route === 'local'
    case 'always-frontier':
      return false
    case 'always-local':
      return true
    case 'first-formula':
    case 'learned':
    case 'certified':
      return bySamePolicy
    default:
      return expectedLoss < Number(name.slice('threshold='.length))
  }
}

type Recorded = {
  readonly decisions: readonly (Decision & { readonly agent: NonNullable<Decision['agent']> })[]
  readonly comparisons: ReadonlyMap<string, Comparison>
  readonly promotions: readonly Promotion[]
  readonly reports: ReadonlyMap<string, EvaluationReport>
}

async function recordedTraffic(ledger: Ledger): Promise<Recorded> {
  const decisions: Recorded['decisions'][number][] = []
  const comparisons = new Map<string, Comparison>()
  const promotions: Promotion[] = []
  for await (const decision of ledger.scan('decision')) {
    const { agent, reused, policy } = decision
    if (agent === null || reused !== undefined || policy === 'named-by-client') continue
    decisions.push({ ...decision, agent })
  }
  for await (const comparison of ledger.scan('comparison')) {
    if (['audit', 'shadow', 'handover'].includes(comparison.source)) {
      comparisons.set(comparison.taskId, comparison)
    }
  }
  for await (const promotion of ledger.scan('promotion')) promotions.push(promotion)
  const reports = new Map<string, EvaluationReport>()
  for await (const report of ledger.scan('evaluation-report')) reports.set(report.id, report)
  if (decisions.length === 0) {
    throw new InvalidRequestError('There is nothing to replay: no agent has answered a task yet.')
  }
  return {
    decisions: decisions.toSorted((left, right) => left.decidedAtMs - right.decidedAtMs),
    comparisons,
    reports,
    promotions: promotions.toSorted((left, right) => left.atMs - right.atMs),
  }
}

/** The serving call has the client's words, and of the agent's own what it got. */
async function taskOf(
  decision: Recorded['decisions'][number],
  ledger: Ledger,
): Promise<RecordedTask | null> {
  const served = await ledger.get('interaction', decision.interactionId)
  return served === null ? null : { decision, messages: served.messages }
}
