/** Who is next: tenants take turns, and one tenant's batches go in the order in which they came. */
export class BatchTurns<Run extends { readonly tenant: string }> {
  /** A map keeps the order of insertion: the first tenant is next. */
  readonly #byTenant = new Map<string, Run[]>()

  get isEmpty(): boolean {
    return this.#byTenant.size === 0
  }

  add(run: Run): void {
    const runs = this.#byTenant.get(run.tenant)
    if (runs === undefined) this.#byTenant.set(run.tenant, [run])
    else runs.push(run)
  }

  /** The next one, whose tenant is last from now on. */
  next(): Run | null {
    const first = this.#byTenant.entries().next()
    if (first.done === true) return null
    const [tenant, runs] = first.value
    this.#byTenant.delete(tenant)
    this.#byTenant.set(tenant, runs)
    return runs[0] ?? null
  }

  remove(run: Run): void {
    const others = (this.#byTenant.get(run.tenant) ?? []).filter((other) => other !== run)
    if (others.length === 0) this.#byTenant.delete(run.tenant)
    else this.#byTenant.set(run.tenant, others)
  }

  all(): readonly Run[] {
    return [...this.#byTenant.values()].flat()
  }
}
