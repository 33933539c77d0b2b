import { agentNames } from '../../kernel/agent-name.ts'
import type { AgentName } from '../../kernel/agent-name.ts'
import type { ChatMessage } from '../../kernel/chat.ts'
import { isGoodEnough } from '../../kernel/comparison.ts'
import type { Comparison } from '../../kernel/comparison.ts'
import type { Random } from '../../kernel/random.ts'
import type { QualityTarget } from '../../kernel/target.ts'
import type { ThresholdChange } from '../../kernel/training.ts'
import type { CertificateView } from './certificate-view.ts'
import type { CertifiedPlan } from './certified-plan.ts'
import type { CertifiedService } from './certified-service.ts'

/** One candidate's part in a task that reached it. */
export type CandidatePlan = {
  readonly model: string
  readonly certified: CertifiedPlan
  /** Which traffic reached the candidate then: a label from another time does not count. */
  readonly era: number
}

/** What becomes of a task that is not for the local model. */
export type ChainPlan = {
  /** The cheapest candidate that may serve it; null for the agent's own frontier model. */
  readonly serving: CandidatePlan | null
  /** A candidate that is asked beside the answer, to learn of it. */
  readonly checked: CandidatePlan | null
  /** Is the candidate's answer compared with that of the agent's own frontier model? */
  readonly audit: boolean
}

export type CandidateChainOptions = {
  /** Of each agent, cheapest first; all of them cheaper than its own frontier model. */
  readonly models: Readonly<Record<AgentName, readonly string[]>>
  /** A service of its own for each candidate: certificates of one say nothing of another. */
  makeService(): CertifiedService
  readonly random: Random
}

/** Of the tasks that reach a candidate, so many are tried on it while its certificate is earned, … */
const earningShare = 0.2
/** … and so many afterwards. */
const servingShare = 0.05

type Link = { readonly model: string; readonly service: CertifiedService; era: number }

/**
 * The models between the local one and the agent's own frontier model, which they are compared with.
 * Each has a certificate for the tasks that reach it: those that nothing cheaper may serve. When what
 * is cheaper serves other tasks, other tasks reach it, and its certificate is earned anew.
 */
export class CandidateChain {
  readonly #options: CandidateChainOptions
  readonly #links: ReadonlyMap<AgentName, readonly Link[]>

  constructor(options: CandidateChainOptions) {
    this.#options = options
    this.#links = new Map(
      agentNames.map((agent) => [
        agent,
        options.models[agent].map((model) => ({ model, service: options.makeService(), era: 0 })),
      ]),
    )
    this.restore([])
  }

  /** Takes two coins for each task of an agent that has candidates, whatever the task is. */
  plan(
    agent: AgentName,
    task: { readonly messages: readonly ChatMessage[]; readonly kind: string },
    canAudit = true,
  ): ChainPlan | null {
    const links = this.#linksOf(agent)
    if (links.length === 0) return null
    const { random } = this.#options
    const [auditCoin, checkCoin] = [random(), random()]
    let checked: CandidatePlan | null = null
    let tried = 0
    for (const { model, service, era } of links) {
      const share = this.#shareOf(agent, service) / links.length
      const planned = service.plan(
        agent,
        { ...task, localReady: true },
        { advised: 0, canShadow: true, shadowProbability: share },
      )
      // Each check of a candidate costs money.
      const certified = canAudit ? planned : { ...planned, floor: 0 }
      if (certified.route === 'local') {
        const audit = auditCoin < certified.auditProbability
        return { serving: { model, certified, era }, checked, audit }
      }
      if (checkCoin >= tried && checkCoin < tried + share) checked = { model, certified, era }
      tried += share
    }
    return { serving: null, checked, audit: false }
  }

  /** The least probability with which the agent's own frontier model is asked in this time. */
  leastReference(agent: AgentName): number {
    return Math.min(
      1,
      ...this.#linksOf(agent)
        .filter(({ service }) => service.threshold(agent) > 0)
        .map(({ service }) => service.certificate(agent)?.auditProbability ?? 1),
    )
  }

  /** The comparison as it is to be recorded. */
  marked(agent: AgentName, plan: CandidatePlan, comparison: Comparison): Comparison {
    const { service, era } = this.#link(agent, plan.model)
    const marks = era === plan.era ? service.marksFor(agent, plan.certified) : []
    return marks.length === 0 ? comparison : { ...comparison, certificates: marks }
  }

  /** Counts a comparison of the candidate, or null for one that failed or was refused. */
  async certify(
    agent: AgentName,
    plan: CandidatePlan,
    comparison: Comparison | null,
    atMs: number,
  ): Promise<readonly ThresholdChange[]> {
    const { service, era } = this.#link(agent, plan.model)
    if (era !== plan.era) return []
    const source = plan.certified.route === 'local' ? 'audit' : 'shadow'
    if (comparison === null) service.learnFailedAudit(agent, plan.certified, source)
    else {
      const goodEnough = isGoodEnough(comparison.verdict)
      service.learn(agent, plan.certified, { goodEnough, source })
    }
    await service.fitted(agent)
    const changes = service.takeChanges(agent, atMs)
    if (changes.some(movesThreshold)) this.#recertifyAfter(agent, plan.model)
    return changes
  }

  /** What came of the certificates otherwise; to be recorded before the next label counts. */
  async changes(agent: AgentName, atMs: number): Promise<readonly ThresholdChange[]> {
    const changes: ThresholdChange[] = []
    for (const { service } of this.#linksOf(agent)) {
      await service.fitted(agent)
      changes.push(...service.takeChanges(agent, atMs))
    }
    return changes
  }

  /** Other tasks than before reach the candidates: what is cheaper serves more, or less. */
  recertify(agent: AgentName): void {
    for (const link of this.#linksOf(agent)) recertifyLink(agent, link)
  }

  retarget(agent: AgentName, target: QualityTarget): void {
    for (const { service } of this.#linksOf(agent)) service.retarget(agent, target)
  }

  /** After a start: parts of delta that were spent stay spent, and all is earned anew. */
  restore(opened: readonly ThresholdChange[]): void {
    for (const [agent, links] of this.#links) {
      for (const { model, service } of links) {
        service.restore(opened, (one) => (one === agent ? model : null))
      }
    }
  }

  /** Of how many models the answers are bounded, the local one included: they share delta. */
  boundedModels(agent: AgentName): number {
    return 1 + this.#linksOf(agent).length
  }

  view(
    agent: AgentName,
  ): readonly { readonly model: string; readonly certificate: CertificateView | null }[] {
    return this.#linksOf(agent).map(({ model, service }) => ({
      model,
      certificate: service.certificate(agent),
    }))
  }

  #recertifyAfter(agent: AgentName, model: string): void {
    const links = this.#linksOf(agent)
    const after = links.findIndex((link) => link.model === model) + 1
    for (const link of links.slice(after)) recertifyLink(agent, link)
  }

  #shareOf(agent: AgentName, service: CertifiedService): number {
    return service.threshold(agent) > 0 ? servingShare : earningShare
  }

  #link(agent: AgentName, model: string): Link {
    const link = this.#linksOf(agent).find((one) => one.model === model)
    if (link === undefined) throw new RangeError(`${model} is no candidate of ${agent}`)
    return link
  }

  #linksOf(agent: AgentName): readonly Link[] {
    return this.#links.get(agent) ?? []
  }
}

function recertifyLink(agent: AgentName, link: Link): void {
  link.era += 1
  link.service.recertify(agent)
}

/** Whether what serves changed, and so the traffic that reaches what is dearer. */
export function movesThreshold({ certificate }: ThresholdChange): boolean {
  return certificate?.type === 'certified' || certificate?.type === 'drift'
}
