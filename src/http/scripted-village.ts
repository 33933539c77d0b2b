import type { ModelAnswer } from '../kernel/chat.ts'
import { noBudgets, noRateLimits, type ApiKey } from '../kernel/api-key.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Decision } from '../kernel/decision.ts'
import { UnknownModelError } from '../kernel/errors.ts'
import { createIds } from '../kernel/ids.ts'
import { nanoUsdFromUsd } from '../kernel/money.ts'
import { seededRandom } from '../kernel/random.ts'
import type { ApiKeyStore } from '../kernel/stores.ts'
import { RateLimitsOfKeys, type Access } from '../village/access/access.ts'
import { KeyRing } from '../village/access/key-ring.ts'
import { Spending } from '../village/access/spending.ts'
import type { AnsweredTask, EmbeddedTexts, VillageService } from '../village/village-service.ts'
import type { VillageStatus } from './contract.ts'
import { createServer, type ServerOptions } from './server.ts'

/** For tests of the routes: a village that answers what its script says. */
export const scriptedKey = 'vk-scripted-0123456789abcdef'

const scriptedDecision: Decision = {
  id: 'dec_1',
  taskId: 'task_1',
  agent: 'king',
  kind: 'sorting',
  requestedModel: 'village',
  route: 'local',
  model: 'local/king',
  reason: 'The local model is good enough for this kind of task.',
  complexity: 0.1,
  threshold: 0.4,
  policy: 'learned',
  checkpoint: 'abc123',
  datasetVersionId: 'ds_1',
  auditProbability: 0.05,
  audited: false,
  alwaysFrontierCost: nanoUsdFromUsd(0.003),
  cost: nanoUsdFromUsd(0.001),
  simulated: true,
  interactionId: 'int_1',
  decidedAtMs: 1_700_000_000_000,
}

function scriptedAnswer(text: string): ModelAnswer {
  return {
    text,
    finishReason: 'stop',
    usage: {
      promptTokens: 12,
      completionTokens: 3,
      cachedPromptTokens: 4,
      reasoningTokens: 1,
      cost: nanoUsdFromUsd(0.001),
    },
    model: 'local/king',
    latencyMs: 5,
    retries: 0,
  }
}

export function answeredWith(text: string): AnsweredTask {
  return { answer: scriptedAnswer(text), decision: scriptedDecision }
}

function embeddedWith(model: string, embedding: string | readonly number[]): EmbeddedTexts {
  const { usage } = scriptedAnswer('')
  return {
    answer: { data: [{ index: 0, embedding }], usage, model, latencyMs: 5, retries: 0 },
    decision: scriptedDecision,
  }
}

export function scriptedService(overrides: Partial<VillageService> = {}): VillageService {
  const refuseUnknown = (model: string): void => {
    if (!model.startsWith('village'))
      throw new UnknownModelError(model, ['village', 'village/king'])
  }
  const service: VillageService = {
    answer: async ({ requestedModel }) => {
      refuseUnknown(requestedModel)
      return answeredWith('Hello there')
    },
    stream: async function* ({ requestedModel }) {
      refuseUnknown(requestedModel)
      yield { type: 'text', text: 'Hello' }
      yield { type: 'text', text: ' there' }
      yield { type: 'answered', answered: answeredWith('Hello there') }
    },
    models: async () => [{ id: 'village/king', agent: 'king', description: null }],
    model: async (id, signal) => {
      const found = (await service.models(signal)).find((model) => model.id === id)
      if (found !== undefined) return found
      throw new UnknownModelError(id, ['village/king'])
    },
    embed: async ({ model }) => embeddedWith(model, [0.5, -0.25]),
    generation: async () => null,
    recordFeedback: async (input) => ({
      id: 'fb_1',
      decisionId: input.decisionId,
      taskId: 'task_1',
      rating: input.rating,
      correction: input.correction ?? null,
      comment: input.comment ?? null,
      receivedAtMs: 1_700_000_000_000,
    }),
    authenticate: async (key) => (key === scriptedKey ? scriptedApiKey() : null),
    ...overrides,
  }
  return service
}

export function scriptedApiKey(changes: Partial<ApiKey> = {}): ApiKey {
  return {
    id: 'key_1',
    name: 'first',
    hash: '',
    role: 'owner',
    createdAtMs: 0,
    expiresAtMs: null,
    revokedAtMs: null,
    allowedModels: null,
    limits: noRateLimits,
    budgets: noBudgets,
    ...changes,
  }
}

/** Keys in memory, with nothing spent. */
export function scriptedAccess(clock: Clock, keys: ApiKeyStore = keysInMemory()): Access {
  return {
    keys: new KeyRing({ keys, clock, ids: createIds(clock, seededRandom(2)) }),
    limits: new RateLimitsOfKeys(),
    spending: new Spending({ clock }),
  }
}

export function keysInMemory(): ApiKeyStore {
  const keys = new Map<string, ApiKey>()
  return {
    save: async (key) => void keys.set(key.id, key),
    get: async (id) => keys.get(id) ?? null,
    findByHash: async (hash) => [...keys.values()].find((key) => key.hash === hash) ?? null,
    list: async () => [...keys.values()],
  }
}

export const scriptedStatus = { version: '0.0.0', nowMs: 1 } as unknown as VillageStatus

type ScriptedServer = {
  readonly url: string
  close(): Promise<void>
}

/** Listens on a free loopback port. */
export async function startScriptedServer(
  options: Partial<ServerOptions> & { readonly clock?: Clock } = {},
): Promise<ScriptedServer> {
  const clock = options.clock ?? systemClock
  const app = createServer({
    service: scriptedService(),
    access: scriptedAccess(clock),
    status: { current: () => scriptedStatus, subscribe: () => () => undefined },
    trails: { find: async () => null },
    bodyLimitBytes: 1_000_000,
    clock,
    ids: createIds(clock, seededRandom(1)),
    ...options,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, close: () => app.close() }
}

/** A request as a client with the right key makes it. */
export function postJson(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${scriptedKey}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  })
}

/** The text of a response as it arrives, piece by piece. */
export function readerOf(response: Response): ReadableStreamDefaultReader<string> {
  if (response.body === null) throw new Error('The response has no body')
  return response.body.pipeThrough(new TextDecoderStream()).getReader()
}
