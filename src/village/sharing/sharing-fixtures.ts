import type { ChatRequest, ModelAnswer } from '../../kernel/chat.ts'
import { noUsage } from '../../kernel/chat.ts'
import type { CachedAnswer } from '../../kernel/cached-answer.ts'
import type { Decision } from '../../kernel/decision.ts'
import { createIds } from '../../kernel/ids.ts'
import type { JsonValue } from '../../kernel/json.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import { seededRandom } from '../../kernel/random.ts'
import { createSampleEmbedder } from '../../kernel/sample-embedder.ts'
import type { LedgerEntry } from '../../kernel/stores.ts'
import type { TextEmbedder } from '../../kernel/text-embedder.ts'
import { AnswerCache } from '../../serving/answer-cache.ts'
import { NearestTexts } from '../../serving/nearest-texts.ts'
import { reuseAnswer } from './reused-answer.ts'
import { measureOf, SemanticAnswers } from './semantic-answers.ts'
import { AnswerKeeper } from './answer-keeper.ts'
import { VillageSettings } from '../settings.ts'
import { SharingVillage } from './sharing-village.ts'
import { TenantBands } from './tenant-bands.ts'
import type {
  AnsweredTask,
  AnswerEvent,
  AnswerInput,
  AnswerOptions,
  VillageService,
} from '../village-service.ts'

/** What the village under the shared one does, and what it was asked. Reset before each test. */
export const state = {
  /** A model that no request may name. */
  refused: '',
  nowMs: 0,
  committed: [] as LedgerEntry[],
  calls: [] as ({ readonly input: AnswerInput } & AnswerOptions)[],
  /** Saved by key, as the store of states would. */
  saved: new Map<string, JsonValue>(),
  errors: [] as unknown[],
  script: defaultScript as (input: AnswerInput, signal: AbortSignal) => AsyncGenerator<AnswerEvent>,
}

export function resetState(): void {
  Object.assign(state, {
    refused: '',
    nowMs: 5_000,
    committed: [],
    calls: [],
    saved: new Map(),
    errors: [],
    script: defaultScript,
  })
}

async function* defaultScript(): AsyncGenerator<AnswerEvent> {
  yield { type: 'text', text: `answer ${state.calls.length}` }
  yield answered(`answer ${state.calls.length}`)
}

const clock = { now: () => state.nowMs, sleep: () => Promise.resolve() }
export const signal = new AbortController().signal
const keep = async (entries: readonly LedgerEntry[]): Promise<void> =>
  void state.committed.push(...entries)
const roomy = { maxEntries: 9, maxBytes: 1e6, maxStoredEntries: 9, maxStoredBytes: 1e6 }

export function answered(text: string, more: Partial<ModelAnswer> = {}): AnswerEvent {
  const cost = 700 as NanoUsd
  const decision = {
    id: `dec_${state.calls.length}`,
    agent: 'king',
    route: 'frontier',
    checkpoint: null,
    cost,
    alwaysFrontierCost: cost,
    interactionId: `int_${state.calls.length}`,
    taskId: `task_${state.calls.length}`,
  } as Decision
  const answer: ModelAnswer = {
    text,
    finishReason: 'stop',
    usage: { ...noUsage, promptTokens: 3, cost },
    model: 'vendor/model',
    latencyMs: 1,
    retries: 0,
    ...more,
  }
  return { type: 'answered', answered: { answer, decision } }
}

/** What the fixture's semantic cache is made of; bands open after few comparisons. */
export function openSemantic(embedder: TextEmbedder = createSampleEmbedder()): SemanticAnswers {
  const onError = (error: unknown): void => void state.errors.push(error)
  return new SemanticAnswers({
    embedder,
    texts: new NearestTexts({ maxEntries: 50, maxPerGroup: 20 }),
    bands: new TenantBands({
      states: {
        load: async (key) => state.saved.get(key) ?? null,
        save: async (key, value) => void state.saved.set(key, value),
      },
      terms: { maxWrongShare: 0.2, delta: 0.4, measure: measureOf(embedder) },
      onError,
    }),
    random: seededRandom(5),
    ledger: { commit: keep } as never,
    clock,
    ids: createIds(clock, seededRandom(2)),
    compare: async ({ candidate, reference }) => ({
      method: 'exact',
      goodEnough: candidate === reference,
    }),
    onError,
  })
}

export function openSharing(settings: object = {}, semantic?: SemanticAnswers) {
  const ids = createIds(clock, seededRandom(1))
  const stored = new Map<string, CachedAnswer>()
  const cache = new AnswerCache({
    store: {
      save: async (entry) => void stored.set(entry.head.key, entry),
      load: async (key) => stored.get(key) ?? null,
      heads: async () => [],
      remove: async (keys) => keys.forEach((key) => stored.delete(key)),
    },
    clock,
    limits: roomy,
    onDropped: (keys) => semantic?.forget(keys),
    onError: (error) => {
      throw error
    },
  })
  const inner = {
    stream: (input: AnswerInput, options: AnswerOptions) => {
      state.calls.push({ input, ...options })
      return state.script(input, options.signal)
    },
    answer: async (input: AnswerInput, options: AnswerOptions) => {
      for await (const event of inner.stream(input, options)) {
        if (event.type === 'answered') return event.answered
      }
      throw new Error('no answer')
    },
    requireAcceptable: (input: AnswerInput) => {
      if (state.refused === input.requestedModel) throw new Error('not for you')
    },
    reuse: (input: AnswerInput, reuse: Parameters<typeof reuseAnswer>[1]) =>
      reuseAnswer(input, reuse, {
        ledger: { record: keep } as never,
        clock,
        ids,
        onCommitted: () => undefined,
      }),
  }
  const both = inner as unknown as VillageService & typeof inner
  const all = { ...VillageSettings.parse({}).cache, ...settings }
  const keeper = new AnswerKeeper({
    village: both,
    cache,
    clock,
    origin: 'here',
    semantic,
    findDecision: async (id) => {
      const found = state.committed.find(
        ({ type, record }) => type === 'decision' && record.id === id,
      )
      return (found?.record as Decision | undefined) ?? null
    },
    settings: all,
  })
  const village = new SharingVillage({ village: both, keeper, clock, settings: all })
  return { village, cache, stored }
}

export function ask(
  change: Partial<AnswerInput> = {},
  request: Partial<ChatRequest> = {},
): AnswerInput {
  return {
    request: {
      messages: [{ role: 'user', content: 'Hello' }],
      sampling: { temperature: 0 },
      ...request,
    },
    requestedModel: 'village/king',
    streamed: false,
    tenant: 'key_1',
    cache: { asked: true },
    ...change,
  }
}

export async function allOf(events: AsyncIterable<AnswerEvent>): Promise<AnswerEvent[]> {
  const all: AnswerEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

export const isHit = ({ decision }: AnsweredTask): boolean => decision.reused !== undefined

export async function hitsOf(village: SharingVillage, ...inputs: readonly AnswerInput[]) {
  const hits: boolean[] = []
  for (const input of inputs) hits.push(isHit(await village.answer(input, { signal })))
  return hits
}
