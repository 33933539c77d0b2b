import type { AgentName } from '../kernel/agent-name.ts'
import type { LocalModels, ModelCatalogue } from '../kernel/model-adapter.ts'
import { namedCandidates } from './named-candidates.ts'
import type { NamedCandidates } from './named-candidates.ts'
import type { Candidate } from './serve-with-fallback.ts'
import type { PlannedTask } from './planned-task.ts'
import type { TaskRouter } from './task-router.ts'
import type { AnswerInput } from './village-service.ts'

export type CandidatePorts = {
  readonly catalogue: ModelCatalogue
  readonly local: LocalModels
  readonly router: TaskRouter
  readonly frontierModels: Readonly<Record<AgentName, string>>
}

/**
 * The models that may answer, in the order in which they are tried: those of the planned agent, or
 * the one that the client named, and then the client's own list. Throws when there is none.
 */
export async function chooseCandidates(
  input: AnswerInput,
  planned: PlannedTask | null,
  ports: CandidatePorts,
  signal: AbortSignal,
): Promise<NamedCandidates> {
  const fallbacks = input.fallbackModels ?? []
  const sources = { catalogue: ports.catalogue, local: ports.local, signal }
  if (planned === null) {
    const names = [input.requestedModel, ...fallbacks]
    const named = await namedCandidates(names, input.request, sources)
    if (named.candidates.length === 0) throw named.problem
    return named
  }
  const own = await agentCandidates(planned, ports, signal)
  if (fallbacks.length === 0) return { candidates: own, skipped: [] }
  const named = await namedCandidates(fallbacks, input.request, sources)
  return {
    candidates: [...own, ...named.candidates].map(withNextOnAnyError),
    skipped: named.skipped,
  }
}

async function agentCandidates(
  planned: PlannedTask,
  { catalogue, local, router, frontierModels }: CandidatePorts,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const { task, plan } = planned
  const frontier: Candidate = {
    route: 'frontier',
    adapter: await catalogue.adapter(frontierModels[task.agent], signal),
    request: router.composeFrontier(task),
  }
  const ofAgent: Candidate = {
    route: 'local',
    adapter: local.forAgent(task.agent),
    request: router.composeLocal(task),
  }
  if (plan.route === 'local') {
    const watch = router.watch(planned)
    if (watch === undefined) return [ofAgent, frontier]
    const inOutage = watch.judge !== null && plan.localInOutage ? [ofAgent] : []
    return [{ ...ofAgent, watch }, frontier, ...inOutage]
  }
  const last = plan.localInOutage ? [frontier, ofAgent] : [frontier]
  if (plan.candidate === undefined) return last
  const cheaper = await catalogue.adapter(plan.candidate, signal)
  return [{ ...frontier, adapter: cheaper, cheaper: plan.candidate }, ...last]
}

function withNextOnAnyError(candidate: Candidate): Candidate {
  return { ...candidate, nextOnAnyError: true }
}
