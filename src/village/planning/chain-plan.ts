import type { ChainPlan } from './candidate-chain.ts'
import type { CertifiedPlan } from './certified-plan.ts'
import type { Plan } from './plan.ts'

/** Both models' parts in a task that is routed by certificates. */
export function besideChain(
  plan: Plan,
  certified: CertifiedPlan,
  { chain, leastReference }: { readonly chain: ChainPlan | null; readonly leastReference: number },
) {
  return {
    plan: withChain(plan, chain),
    certified: localBesideChain(certified, chain, leastReference),
    chain,
  }
}

/** The plan of a task that the local model does not serve, with the cheapest model that may. */
function withChain(plan: Plan, chain: ChainPlan | null): Plan {
  if (chain === null || chain.serving === null) return plan
  const { model, certified } = chain.serving
  const { certificate, weighed, complexity, threshold, auditProbability } = certified
  const withReference = chain.audit || chain.checked !== null
  return {
    ...plan,
    candidate: model,
    reason: certified.reason.replace(/^Local/, model),
    weighed,
    ...(certificate !== null && { certificate }),
    complexity,
    threshold,
    auditProbability,
    audit: withReference,
    // The local answer is compared with the reference, where that is asked for an audit.
    shadowProbability: plan.shadowProbability * auditProbability,
    shadow: plan.shadow && chain.audit,
    askTeacher: plan.askTeacher && withReference,
  }
}

/**
 * The local model's part in the same task: where a candidate serves it, the answer that it would be
 * compared with is there only when that is audited. The floor is of all tasks of the time.
 */
function localBesideChain(
  certified: CertifiedPlan,
  chain: ChainPlan | null,
  leastReference: number,
): CertifiedPlan {
  const serving = chain?.serving?.certified.auditProbability ?? 1
  return {
    ...certified,
    shadowProbability: certified.shadowProbability * serving,
    floor: Math.min(certified.floor, certified.shadowProbability * leastReference),
  }
}
