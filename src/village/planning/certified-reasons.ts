import type { CertificateEvent } from '../../kernel/certificate.ts'
import type { Weighed } from '../../kernel/decision.ts'
import type { CascadeScorer, CascadeTask } from '../../routing/cascade-scorer.ts'
import type { CertifiedDecision } from '../../routing/certified-routing.ts'

type Grounds = {
  readonly alpha: number
  readonly delta: number
  /** Null while nothing is certified, or when what was certified is no longer in force. */
  readonly scorer: CascadeScorer | null
  readonly task: CascadeTask
  readonly decision: CertifiedDecision
}

const weightsNamed = 3

/** Why a task goes where it goes: what was expected, and what is certified. */
export function reasonBefore(grounds: Grounds): string {
  const { scorer, task, decision, alpha } = grounds
  const { threshold } = decision
  if (scorer === null || threshold === null) {
    return `Frontier: it is not yet certified that at most ${percent(alpha)} are lost locally.`
  }
  if (Number.isNaN(decision.score)) {
    return 'Frontier: too few local answers to such requests were compared to judge one.'
  }
  if (scorer.judges(task)) {
    const stay = percent(scorer.stayChance(task, threshold))
    return decision.route === 'local'
      ? `Local: about ${stay} of such answers may stay (${bound(grounds)}).`
      : `Frontier: only about ${stay} of such answers would stay local, which does not make up for the wait.`
  }
  const loss = percent(decision.score)
  return decision.route === 'local'
    ? `Local: a loss is expected in ${loss} of such tasks (${bound(grounds)}).`
    : `Frontier: a loss is expected in ${loss} of such tasks, more than is certified.`
}

/** The same with the local answer in hand. */
export function reasonAfter(grounds: Grounds): string {
  const { scorer, decision } = grounds
  if (scorer === null || Number.isNaN(decision.score)) {
    return 'Handed over to the frontier: what was certified of the local model is no longer in force.'
  }
  const loss = percent(decision.score)
  return decision.route === 'local'
    ? `Local: with the answer in hand a loss is expected in ${loss} (${bound(grounds)}).`
    : `Handed over to the frontier: with the local answer in hand a loss is expected in ${loss}, more than is certified.`
}

/** What happened to a certificate, for the list of changes. */
export function said(event: CertificateEvent): string {
  switch (event.type) {
    case 'opened':
      return `Certificate ${event.terms.epoch} opened: ${event.terms.thresholds.length} thresholds to be shown.`
    case 'certified':
      return `Certified after ${event.label} labels (certificate ${event.epoch}).`
    case 'failed-audit':
      return 'An audit failed, or there was no money for it: it counts against the certificate.'
    case 'drift':
      return 'Closed: the local model has become worse than was certified.'
  }
}

function bound({ alpha, delta }: Grounds): string {
  return `certified: at most ${percent(alpha)} lost with ${percent(1 - delta)} confidence`
}

/** What moved the score most; nothing while nothing is in force. */
export function weighedMost(scorer: CascadeScorer | null, task: CascadeTask): readonly Weighed[] {
  if (scorer === null) return []
  return scorer.explain(task, weightsNamed).map(({ name, gain }) => ({ what: name, effect: gain }))
}

function percent(share: number): string {
  return `${(Math.max(0, Math.min(1, share)) * 100).toFixed(1)} %`
}
