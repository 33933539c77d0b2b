import type { Clock } from '../../kernel/clock.ts'
import { addMoney, noMoney } from '../../kernel/money.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import type { Family } from '../families/family.ts'
import type { Generation, UsageChunkShape } from './completion-wire.ts'
import { createFaults } from './faults.ts'
import type { Faults } from './faults.ts'

/** `real` waits; `counted` answers at once and says in a header how long it would have taken. */
export type LatencyMode = 'real' | 'counted'

type RecordedGeneration = { readonly generation: Generation; readonly cancelled: boolean }

/** What the simulated provider knows while it runs. */
export type ProviderState = {
  readonly seed: number
  readonly latency: LatencyMode
  readonly families: readonly Family[]
  readonly clock: Clock
  readonly credits: NanoUsd
  readonly faults: Faults
  nextGenerationId(): string
  /** Every third answer is preceded by signs of life. */
  nextKeepAlive(): boolean
  /** The two documented shapes in turn. */
  nextUsageChunkShape(): UsageChunkShape
  record(generation: Generation, cancelled: boolean): void
  /** Null while unknown, and for a moment after the answer, as at the real provider. */
  generation(id: string): RecordedGeneration | null
  spent(): NanoUsd
}

export type ProviderSettings = {
  readonly seed: number
  readonly latency: LatencyMode
  readonly families: readonly Family[]
  readonly clock: Clock
  readonly credits: NanoUsd
}

const keptGenerations = 10_000
const generationDelayMs = 600

export function createProviderState(settings: ProviderSettings): ProviderState {
  const generations = new Map<string, RecordedGeneration>()
  const faults = createFaults()
  let spent = noMoney
  let ids = 0
  let keepAlives = 0
  let shapes = 0
  return {
    ...settings,
    faults,
    nextGenerationId: () => {
      ids += 1
      return `gen-simulated-${settings.seed}-${ids}`
    },
    nextKeepAlive: () => {
      keepAlives += 1
      return keepAlives % 3 === 0
    },
    nextUsageChunkShape: () => {
      shapes += 1
      return shapes % 2 === 0 ? 'empty-delta' : 'no-choices'
    },
    record: (generation, cancelled) => {
      spent = addMoney(spent, generation.answer.costNanoUsd)
      generations.set(generation.id, { generation, cancelled })
      const oldest = generations.keys().next()
      if (generations.size > keptGenerations && oldest.done !== true) {
        generations.delete(oldest.value)
      }
    },
    generation: (id) => {
      const found = generations.get(id)
      if (found === undefined) return null
      const readyMs = found.generation.createdMs + generationDelayMs
      return settings.latency === 'real' && settings.clock.now() < readyMs ? null : found
    },
    spent: () => spent,
  }
}
