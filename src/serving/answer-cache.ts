import type { AgentName } from '../kernel/agent-name.ts'
import type { CachedAnswer, CachedAnswerHead, CachedAnswerStore } from '../kernel/cached-answer.ts'
import type { Clock } from '../kernel/clock.ts'
import { LruMap } from './lru-map.ts'

export type AnswerCacheLimits = {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly maxStoredEntries: number
  readonly maxStoredBytes: number
}

/** Every condition that is given must hold; none at all means every answer. */
export type Invalidation = {
  readonly key?: string
  readonly tenant?: string
  /** As the request named it. */
  readonly model?: string
  readonly agent?: AgentName
  /** Answers of this agent's local model, also those to clients that named the model. */
  readonly localAgent?: AgentName
  /** The decision that led to the answer. */
  readonly decisionId?: string
  readonly olderThanMs?: number
}

/** `forgotten`: somebody wanted it to go; `replaced`: other weights serve than those that answered. */
export type DropReason = 'expired' | 'no-room' | 'forgotten' | 'replaced'

type AnswerCacheOptions = {
  readonly store: CachedAnswerStore
  readonly clock: Clock
  readonly limits: AnswerCacheLimits
  /** Told of every answer that is kept no longer. */
  onDropped?(keys: readonly string[], why: DropReason): void
  /** A cache that fails costs a model call and nothing else. */
  readonly onError: (error: unknown) => void
}

/** One answer may take at most this share of the memory. */
const largestShare = 0.125

/**
 * Answers by the key of their request: the latest used in memory, more of them in the database.
 * What the database holds is known in memory, so a miss reads nothing.
 */
export class AnswerCache {
  readonly #options: AnswerCacheOptions
  readonly #stored: LruMap<CachedAnswerHead>
  readonly #inMemory: LruMap<CachedAnswer>
  #epoch = 0

  constructor(options: AnswerCacheOptions) {
    const { limits } = options
    this.#options = options
    this.#stored = new LruMap({
      maxEntries: limits.maxStoredEntries,
      maxSize: limits.maxStoredBytes,
      sizeOf: (head) => head.sizeBytes,
    })
    this.#inMemory = new LruMap({
      maxEntries: limits.maxEntries,
      maxSize: limits.maxBytes,
      sizeOf: ({ head }) => head.sizeBytes,
    })
  }

  /**
   * Takes up what an earlier process stored; what is stale by age or by `isCurrent` is removed. Returns
   * what is kept, in the order in which it was stored.
   */
  async restore(
    isCurrent: (head: CachedAnswerHead) => boolean,
  ): Promise<readonly CachedAnswerHead[]> {
    const nowMs = this.#options.clock.now()
    const stale = new Set<string>()
    const heads = await this.#options.store.heads()
    for (const head of heads) {
      if (head.expiresAtMs <= nowMs || !isCurrent(head)) stale.add(head.key)
      else for (const key of this.#know(head)) stale.add(key)
    }
    this.#forget([...stale], 'expired')
    return heads.filter(({ key }) => !stale.has(key))
  }

  /** Changes with every invalidation: an answer begun before one is not to be kept after it. */
  get epoch(): number {
    return this.#epoch
  }

  get entries(): number {
    return this.#stored.size
  }

  /** When the answer expires, or null when none is kept that is good now. */
  expiresAt(key: string): number | null {
    const expiresAtMs = this.#stored.peek(key)?.expiresAtMs ?? 0
    return expiresAtMs > this.#options.clock.now() ? expiresAtMs : null
  }

  /** Without a promise where memory knows the answer. */
  find(key: string): CachedAnswer | null | Promise<CachedAnswer | null> {
    const head = this.#stored.get(key)
    if (head === undefined) return null
    if (head.expiresAtMs <= this.#options.clock.now()) {
      this.#drop([key], 'expired')
      return null
    }
    return this.#inMemory.get(key) ?? this.#load(head)
  }

  /** Keeps the answer, unless something was invalidated since `epoch` or it is too large. */
  put(entry: CachedAnswer, epoch: number): boolean {
    const { head } = entry
    if (epoch !== this.#epoch) return false
    if (head.sizeBytes > this.#options.limits.maxBytes * largestShare) return false
    const pushedOut = this.#know(head)
    this.#inMemory.set(head.key, entry)
    this.#options.store.save(entry).catch(this.#options.onError)
    if (pushedOut.length > 0) this.#drop(pushedOut, 'no-room')
    return !pushedOut.includes(head.key)
  }

  /** Returns how many answers were forgotten. */
  invalidate(what: Invalidation): number {
    this.#epoch += 1
    const oldestMs = this.#options.clock.now() - (what.olderThanMs ?? 0)
    const keys: string[] = []
    for (const [key, head] of this.#stored.entries()) {
      if (isMeant(head, what, oldestMs)) keys.push(key)
    }
    this.#drop(keys, what.localAgent === undefined ? 'forgotten' : 'replaced')
    return keys.length
  }

  async #load(head: CachedAnswerHead): Promise<CachedAnswer | null> {
    try {
      const entry = await this.#options.store.load(head.key)
      const isStillMeant = this.#stored.peek(head.key) === head
      if (entry === null || !isStillMeant) return null
      this.#inMemory.set(head.key, entry)
      return entry
    } catch (error) {
      this.#options.onError(error)
      return null
    }
  }

  #drop(keys: readonly string[], why: DropReason): void {
    for (const key of keys) {
      this.#stored.delete(key)
      this.#inMemory.delete(key)
    }
    this.#forget(keys, why)
  }

  /** Returns the keys that had to go for it. */
  #know(head: CachedAnswerHead): readonly string[] {
    // The text is large, and what searches by it has its own copy.
    const { similar: _, ...known } = head
    return this.#stored.set(head.key, known)
  }

  #forget(keys: readonly string[], why: DropReason): void {
    if (keys.length === 0) return
    this.#options.onDropped?.(keys, why)
    this.#options.store.remove(keys).catch(this.#options.onError)
  }
}

function isMeant(head: CachedAnswerHead, what: Invalidation, oldestMs: number): boolean {
  if (what.key !== undefined && head.key !== what.key) return false
  if (what.tenant !== undefined && head.tenant !== what.tenant) return false
  if (what.model !== undefined && head.requestedModel !== what.model) return false
  if (what.agent !== undefined && head.agent !== what.agent) return false
  if (what.localAgent !== undefined && head.localAgent !== what.localAgent) return false
  if (what.decisionId !== undefined && head.decisionId !== what.decisionId) return false
  return what.olderThanMs === undefined || head.storedAtMs <= oldestMs
}
