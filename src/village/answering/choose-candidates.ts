import type { AgentName } from '../../kernel/agent-name.ts'
import type { LocalModels, ModelAdapter, ModelCatalogue } from '../../kernel/model-adapter.ts'
import { namedCandidates, namedFrontierCandidate, requiredCandidates } from './named-candidates.ts'
import { localCandidate } from './local-candidate.ts'
import type { NamedCandidates } from './named-candidates.ts'
import { resolveModel } from '../planning/resolve-model.ts'
import type { Candidate } from './serve-with-fallback.ts'
import type { PlannedTask } from '../planning/planned-task.ts'
import type { TaskRouter } from '../planning/task-router.ts'
import type { AnswerInput } from '../village-service.ts'

export type CandidatePorts = {
  readonly catalogue: ModelCatalogue
  readonly local: LocalModels
  readonly router: TaskRouter
  readonly frontierModels: Readonly<Record<AgentName, string>>
}

/**
 * The models that may answer, in the order in which they are tried: those of the planned agent, or
 * the one that the client named, and then the client's own list. Throws or rejects when there is
 * none. Most requests name one model that is at hand, and need no promise.
 */
export function chooseCandidates(
  input: AnswerInput,
  planned: PlannedTask | null,
  ports: CandidatePorts,
  signal: AbortSignal,
): NamedCandidates | Promise<NamedCandidates> {
  const candidates = candidatesAtHand(input, planned, ports)
  return candidates === null
    ? findCandidates(input, planned, ports, signal)
    : { candidates, skipped: [] }
}

function candidatesAtHand(
  { requestedModel, fallbackModels = [], request }: AnswerInput,
  planned: PlannedTask | null,
  ports: CandidatePorts,
): readonly Candidate[] | null {
  if (fallbackModels.length > 0) return null
  const slug = planned === null ? slugOf(requestedModel) : ports.frontierModels[planned.task.agent]
  const adapter = slug === null ? undefined : ports.catalogue.adapterAtHand?.(slug)
  if (adapter === undefined) return null
  if (planned === null) return [namedFrontierCandidate(adapter, request)]
  const { candidate } = planned.plan
  if (candidate === undefined) return agentCandidates(planned, adapter, null, ports)
  const cheaper = ports.catalogue.adapterAtHand?.(candidate)
  return cheaper === undefined ? null : agentCandidates(planned, adapter, cheaper, ports)
}

function slugOf(requestedModel: string): string | null {
  const requested = resolveModel(requestedModel)
  return requested.type === 'frontier' ? requested.slug : null
}

async function findCandidates(
  input: AnswerInput,
  planned: PlannedTask | null,
  ports: CandidatePorts,
  signal: AbortSignal,
): Promise<NamedCandidates> {
  const fallbacks = input.fallbackModels ?? []
  const sources = { catalogue: ports.catalogue, local: ports.local, signal }
  if (planned === null) {
    return requiredCandidates([input.requestedModel, ...fallbacks], input.request, sources)
  }
  const { candidate } = planned.plan
  const own = agentCandidates(
    planned,
    await ports.catalogue.adapter(ports.frontierModels[planned.task.agent], signal),
    candidate === undefined ? null : await ports.catalogue.adapter(candidate, signal),
    ports,
  )
  if (fallbacks.length === 0) return { candidates: own, skipped: [] }
  const named = await namedCandidates(fallbacks, input.request, sources)
  return {
    candidates: [...own.map(withNextOnAnyError), ...named.candidates],
    skipped: named.skipped,
  }
}

/** `cheaper` is the frontier model that the plan tries before the agent's own. */
function agentCandidates(
  planned: PlannedTask,
  frontierModel: ModelAdapter,
  cheaper: ModelAdapter | null,
  { local, router }: Pick<CandidatePorts, 'local' | 'router'>,
): readonly Candidate[] {
  const { task, plan } = planned
  const frontierCandidate = (adapter: ModelAdapter): Candidate => ({
    route: 'frontier',
    adapter,
    request: router.composeFrontier(task, adapter),
  })
  const frontier = frontierCandidate(frontierModel)
  const ofAgent = localCandidate(local.forAgent(task.agent), router.composeLocal(task))
  if (plan.route === 'local') {
    const watch = router.watch(planned)
    if (watch === undefined) return [ofAgent, frontier]
    const inOutage = watch.judge !== null && plan.localInOutage ? [ofAgent] : []
    return [{ ...ofAgent, watch }, frontier, ...inOutage]
  }
  const last = plan.localInOutage ? [frontier, ofAgent] : [frontier]
  if (plan.candidate === undefined || cheaper === null) return last
  return [{ ...frontierCandidate(cheaper), cheaper: plan.candidate }, ...last]
}

function withNextOnAnyError(candidate: Candidate): Candidate {
  return { ...candidate, nextOnAnyError: true }
}
