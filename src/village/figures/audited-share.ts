/** One audit of a local answer, which had the chance 1 / `weight` of being made. */
export type Audited = { readonly goodEnough: boolean; readonly weight: number }

/**
 * Which share of all local answers was good enough, from the last `capacity` audits. Each stands
 * for as many answers as its probability says (Horvitz and Thompson, 1952), so that kinds that are
 * audited often weigh no more than their share of the traffic.
 */
export class AuditedShare {
  readonly #audits: Audited[] = []
  readonly #capacity: number

  constructor(capacity: number, audits: readonly Audited[] = []) {
    this.#capacity = capacity
    for (const audit of audits) this.add(audit)
  }

  add(audit: Audited): void {
    this.#audits.push(audit)
    if (this.#audits.length > this.#capacity) this.#audits.shift()
  }

  get count(): number {
    return this.#audits.length
  }

  /** As many unweighted audits would say as much (Kish, 1965). */
  get effectiveCount(): number {
    const squares = this.#audits.reduce((sum, { weight }) => sum + weight * weight, 0)
    return squares === 0 ? 0 : this.#weight() ** 2 / squares
  }

  /** Null while nothing was audited. */
  get share(): number | null {
    const weight = this.#weight()
    if (weight === 0) return null
    const good = this.#audits.reduce((sum, audit) => sum + (audit.goodEnough ? audit.weight : 0), 0)
    return good / weight
  }

  values(): readonly Audited[] {
    return this.#audits
  }

  #weight(): number {
    return this.#audits.reduce((sum, { weight }) => sum + weight, 0)
  }
}
