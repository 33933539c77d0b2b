import type { StateStore } from '../../kernel/stores.ts'
import { SimilarityBands, stateOfBands } from './similarity-bands.ts'
import type { BandDecision, BandSummary, SimilarityTerms } from './similarity-bands.ts'

export type BandChange = BandSummary & { readonly tenant: string }

type TenantBandsOptions = {
  readonly states: StateStore
  readonly terms: Omit<SimilarityTerms, 'tenant'>
  /** Told when a band opens or shuts. */
  onChange?(change: BandChange): void
  readonly onError: (error: unknown) => void
}

/**
 * The bands of each tenant: what one tenant's requests have shown opens nothing for another. Loaded
 * at a tenant's first request and saved after each comparison, one save at a time.
 */
export class TenantBands {
  readonly #options: TenantBandsOptions
  readonly #bands = new Map<string, SimilarityBands>()
  readonly #changed = new Set<string>()
  #saving: Promise<void> | null = null

  constructor(options: TenantBandsOptions) {
    this.#options = options
  }

  /** To be awaited before the other methods are used for a tenant. */
  async load(tenant: string): Promise<void> {
    if (this.#bands.has(tenant)) return
    const { states, terms } = this.#options
    const saved = await states.load(stateOfBands(tenant))
    if (this.#bands.has(tenant)) return
    this.#bands.set(tenant, new SimilarityBands({ ...terms, tenant }, saved))
  }

  decide(tenant: string, similarity: number): BandDecision | null {
    return this.#bands.get(tenant)?.decide(similarity) ?? null
  }

  record(tenant: string, decision: BandDecision, wrong: boolean | null): void {
    const bands = this.#bands.get(tenant)
    if (bands === undefined) return
    const before = bands.summary()[decision.band]
    bands.record(decision, wrong)
    const after = bands.summary()[decision.band]
    if (after !== undefined && after.open !== before?.open) {
      this.#options.onChange?.({ tenant, ...after })
    }
    this.#changed.add(tenant)
    this.#saving ??= this.#save().finally(() => (this.#saving = null))
  }

  /** Resolves when what was recorded so far is saved. */
  async saved(): Promise<void> {
    await this.#saving
  }

  summary(tenant: string): readonly BandSummary[] {
    return this.#bands.get(tenant)?.summary() ?? []
  }

  async #save(): Promise<void> {
    for (const tenant of this.#changed) {
      this.#changed.delete(tenant)
      const bands = this.#bands.get(tenant)
      if (bands === undefined) continue
      await this.#options.states
        .save(stateOfBands(tenant), bands.snapshot())
        .catch(this.#options.onError)
    }
  }
}
