import { join } from 'node:path'
import type { AgentName } from '../kernel/agent-name.ts'
import { InvalidRequestError, NotReadyError } from '../kernel/errors.ts'
import { targetInWords } from '../kernel/target.ts'
import { AgentTarget } from '../http/contract.ts'
import { openStore } from '../store/open-store.ts'
import { TargetSetting } from '../village/planning/target-setting.ts'
import { databaseOf, defaultHome, isHeld, readSettings } from './home-folder.ts'
import { openTargets } from './open-targets.ts'
import { askVillage } from './read-status.ts'

export type TargetWish = {
  readonly alpha?: number
  readonly delta?: number
  readonly budgetUsdPerDay?: number
  readonly latencyMs?: number
}

/**
 * Sets an agent's target: in the village that runs, or else for its next start. Returns it in words.
 * Throws `InvalidRequestError` for a target that makes no sense.
 */
export async function changeTarget(
  environment: NodeJS.ProcessEnv,
  agent: AgentName,
  wish: TargetWish,
): Promise<{ readonly words: string; readonly isRunning: boolean }> {
  const target = TargetSetting.safeParse(wish)
  if (!target.success) throw new InvalidRequestError(target.error.issues[0]?.message ?? 'No target')
  const { alpha, delta, budgetUsdPerDay, latencyMs } = wish
  const body = { alpha, delta, budget_usd_per_day: budgetUsdPerDay, latency_ms: latencyMs }
  try {
    const set = await askVillage(environment, `village/targets/${agent}`, body)
    return { words: AgentTarget.parse(set).words, isRunning: true }
  } catch (error) {
    const home = defaultHome(environment)
    if (!(error instanceof NotReadyError) || isHeld(home)) throw error
    const store = await openStore({ path: databaseOf(home), durability: 'power' })
    try {
      const targets = await openTargets(store.states, readSettings(join(home, 'village.json')))
      await targets.set(agent, target.data)
      return { words: targetInWords(targets.of(agent)), isRunning: false }
    } finally {
      await store.close()
    }
  }
}
