import { lastUserText, noUsage } from '../../src/kernel/chat.ts'
import type { CachedAnswer } from '../../src/kernel/cached-answer.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import type { Decision } from '../../src/kernel/decision.ts'
import { createIds } from '../../src/kernel/ids.ts'
import type { JsonValue } from '../../src/kernel/json.ts'
import type { NanoUsd } from '../../src/kernel/money.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import type { Ledger } from '../../src/kernel/stores.ts'
import type { TextEmbedder } from '../../src/kernel/text-embedder.ts'
import { openSharing } from '../../src/app/open-sharing.ts'
import type { AIVillage } from '../../src/village/ai-village.ts'
import { reuseAnswer } from '../../src/village/sharing/reused-answer.ts'
import { VillageSettings } from '../../src/village/settings.ts'
import type { AnsweredTask, AnswerInput } from '../../src/village/village-service.ts'
import type { Intent } from './intent.ts'
import { paraphraseTraffic } from './paraphrase-traffic.ts'

export type Played = {
  readonly requests: number
  readonly exactHits: number
  readonly semanticHits: number
  /** Of the semantic hits, by the meaning that the cache never sees. */
  readonly wrongHits: number
  /** Answers that were made: for clients, and to check hits. */
  readonly made: number
  readonly audits: number
  /** After how many requests the first similar answer was given; null when none was. */
  readonly firstHitAt: number | null
  /** The same counts for the second half: what it is like once it is open. */
  readonly later: {
    readonly requests: number
    readonly exactHits: number
    readonly semanticHits: number
    readonly wrongHits: number
  }
  readonly bands: readonly { readonly from: number; readonly open: boolean }[]
}

const cost = 1_000_000 as NanoUsd

/** Plays paraphrases through the cache that serves; the model behind it answers each meaning alike. */
export async function playTraffic(options: {
  readonly intents: readonly Intent[]
  readonly seed: number
  readonly requests: number
  readonly embedder: TextEmbedder | null
  readonly maxWrongShare: number
}): Promise<Played> {
  let nowMs = 1_000
  const clock: Clock = { now: () => (nowMs += 1), sleep: () => Promise.resolve() }
  const meanings = new Map<string, string>()
  const counts = { exactHits: 0, semanticHits: 0, wrongHits: 0, made: 0, audits: 0 }
  let firstHitAt: number | null = null
  let half = { ...counts }
  const { service, semantic, idle } = openParts({ ...options, clock, meanings, counts })
  const { signal } = new AbortController()
  let asked = 0
  for (const { text, meaning } of paraphraseTraffic(options.intents, options.seed)) {
    if (asked === options.requests) break
    if (asked === Math.floor(options.requests / 2)) half = { ...counts }
    asked += 1
    meanings.set(text, meaning)
    const { answer, decision } = await service.answer(inputOf(text), { signal })
    if (decision.reused?.from === 'cache') counts.exactHits += 1
    if (decision.reused?.from === 'semantic') {
      counts.semanticHits += 1
      counts.wrongHits += answer.text === meaning ? 0 : 1
      firstHitAt ??= asked
    }
    await idle()
  }
  return {
    requests: asked,
    ...counts,
    firstHitAt,
    later: {
      requests: asked - Math.floor(options.requests / 2),
      exactHits: counts.exactHits - half.exactHits,
      semanticHits: counts.semanticHits - half.semanticHits,
      wrongHits: counts.wrongHits - half.wrongHits,
    },
    bands: (await semantic?.bandsOf(tenant)) ?? [],
  }
}

const tenant = 'key_1'

function inputOf(text: string): AnswerInput {
  return {
    request: { messages: [{ role: 'user', content: text }], sampling: { temperature: 0 } },
    requestedModel: 'village/king',
    streamed: false,
    tenant,
    cache: { asked: true },
  }
}

function openParts(options: {
  readonly seed: number
  readonly embedder: TextEmbedder | null
  readonly maxWrongShare: number
  readonly clock: Clock
  readonly meanings: ReadonlyMap<string, string>
  readonly counts: { made: number; audits: number }
}) {
  const { clock, meanings, counts } = options
  const ids = createIds(clock, seededRandom(options.seed + 1))
  const ledger = {
    record: () => Promise.resolve(),
    commit: () => Promise.resolve(),
    get: () => Promise.resolve(null),
  } as unknown as Ledger
  const kept = new Map<string, CachedAnswer>()
  const states = new Map<string, JsonValue>()
  const answer: AIVillage['answer'] = async (input, { ownPurpose }) => {
    counts.made += 1
    counts.audits += ownPurpose === undefined ? 0 : 1
    const text = meanings.get(lastUserText(input.request.messages)) ?? ''
    return answeredWith(text, ids.next('dec'))
  }
  const village = {
    answer,
    requireAcceptable: () => undefined,
    reuse: (input: AnswerInput, reuse: Parameters<typeof reuseAnswer>[1]) =>
      reuseAnswer(input, reuse, { ledger, clock, ids, onCommitted: () => undefined }),
  }
  const { cache } = VillageSettings.parse({
    cache: {
      timeToLiveSeconds: 86_400,
      semantic: { enabled: true, maxWrongShare: options.maxWrongShare },
    },
  })
  return openSharing({
    village: village as unknown as AIVillage,
    store: {
      ledger,
      states: {
        load: async (key) => states.get(key) ?? null,
        save: async (key, value) => void states.set(key, value),
      },
      answers: {
        save: async (entry) => void kept.set(entry.head.key, entry),
        load: async (key) => kept.get(key) ?? null,
        heads: async () => [],
        remove: async (keys) => keys.forEach((key) => kept.delete(key)),
      },
    },
    clock,
    ids,
    random: seededRandom(options.seed + 2),
    codeRunner: {
      run: () => Promise.reject(new Error('nothing is run here')),
      close: () => Promise.resolve(),
    },
    settings: cache,
    embedder: options.embedder,
    origin: 'bench',
    signal: new AbortController().signal,
    onError: (error) => {
      throw error
    },
  })
}

function answeredWith(text: string, id: string): AnsweredTask {
  const decision = {
    id,
    taskId: id.replace('dec', 'task'),
    agent: 'king',
    route: 'frontier',
    checkpoint: null,
    cost,
    alwaysFrontierCost: cost,
    interactionId: id.replace('dec', 'int'),
  } as Decision
  const answer = {
    text,
    finishReason: 'stop',
    usage: { ...noUsage, cost },
    model: 'bench/model',
    latencyMs: 1,
    retries: 0,
  } as const
  return { answer, decision }
}
