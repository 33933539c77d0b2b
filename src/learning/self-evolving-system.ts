import type { JsonObject, JsonValue } from '../kernel/json.ts'

/** The settings that an agent changes by itself. */
export type EvolvingSettings = {
  /** The share of the frontier's cost that the teacher may cost. */
  readonly teacherShare: number
  /** Local answers are audited at least this often. */
  readonly leastAuditProbability: number
}

/** The operator's bounds: settings never leave them. */
export type EvolvingBounds = {
  readonly teacherShare: { readonly least: number; readonly most: number }
  readonly leastAuditProbability: { readonly least: number; readonly most: number }
}

export type AgentMeasurement =
  | { readonly type: 'rollback' }
  | { readonly type: 'quality'; readonly localQuality: number; readonly targetQuality: number }

export type SettingChange = {
  readonly name: keyof EvolvingSettings
  readonly from: number
  readonly to: number
  readonly reason: string
}

/** Below this much over the target, quality counts as on the edge and nothing is relaxed. */
const comfortableQuality = 0.01

/**
 * Changes an agent's own settings from what it measures: it asks its teacher less, and audits less,
 * while its quality is comfortably on target, and more when it is not or a checkpoint failed.
 */
export class SelfEvolvingSystem {
  readonly #bounds: EvolvingBounds
  #settings: EvolvingSettings

  constructor(bounds: EvolvingBounds) {
    this.#bounds = bounds
    this.#settings = {
      teacherShare: bounds.teacherShare.most,
      leastAuditProbability: bounds.leastAuditProbability.least,
    }
  }

  get settings(): EvolvingSettings {
    return this.#settings
  }

  adapt(measurement: AgentMeasurement): readonly SettingChange[] {
    if (measurement.type === 'rollback') {
      return [
        ...this.#scale('teacherShare', 2, 'a checkpoint was rolled back'),
        ...this.#scale('leastAuditProbability', 2, 'a checkpoint was rolled back'),
      ]
    }
    const { localQuality, targetQuality } = measurement
    if (localQuality < targetQuality) {
      return this.#scale('teacherShare', 2, 'local quality is below its target')
    }
    if (localQuality < Math.min(1, targetQuality + comfortableQuality)) return []
    const reason = 'local quality is comfortably on target'
    return [
      ...this.#scale('teacherShare', 0.5, reason),
      ...this.#scale('leastAuditProbability', 0.5, reason),
    ]
  }

  /** Takes up saved settings; what is missing or out of bounds falls back to the start. */
  restore(saved: JsonValue | null): void {
    if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) return
    for (const name of ['teacherShare', 'leastAuditProbability'] as const) {
      const value = (saved as JsonObject)[name]
      if (typeof value === 'number') this.#set(name, value)
    }
  }

  #scale(name: keyof EvolvingSettings, factor: number, reason: string): readonly SettingChange[] {
    const from = this.#settings[name]
    this.#set(name, from * factor)
    const to = this.#settings[name]
    return to === from ? [] : [{ name, from, to, reason }]
  }

  #set(name: keyof EvolvingSettings, value: number): void {
    const { least, most } = this.#bounds[name]
    this.#settings = { ...this.#settings, [name]: Math.min(most, Math.max(least, value)) }
  }
}
