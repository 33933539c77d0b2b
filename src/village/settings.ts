import { z } from 'zod'
import { checkReplicas, EnvironmentVariable, OwnModels, Servers } from './replica-settings.ts'
import { TargetSetting } from './planning/target-setting.ts'

/** What may be set of one agent; the models are those of the agent when left out. */
function agentSettings(models: {
  readonly frontierModel: string
  readonly teacherModel: string | null
}) {
  return z
    .strictObject({
      /** A slug of the provider's models list. */
      frontierModel: z.string().min(1).default(models.frontierModel),
      /**
       * A cheap model whose answers may be trained on, asked beside the frontier while the agent
       * learns. Null when the frontier model's own answers may be trained on.
       */
      teacherModel: z.string().min(1).nullable().default(models.teacherModel),
      /**
       * Cheaper frontier models or models of your own that may answer where that is certified; with
       * the policy `certified`.
       */
      candidates: z.array(z.string().min(1)).max(8).default([]),
      /** What the agent's routing is to reach; that of `routing` when left out. */
      target: TargetSetting.optional(),
    })
    .prefault({})
}

function checkCandidates(
  { agents, routing }: z.infer<typeof Fields>,
  context: z.RefinementCtx,
): void {
  for (const [agent, { candidates, frontierModel }] of Object.entries(agents)) {
    if (candidates.length === 0) continue
    const path = ['agents', agent, 'candidates']
    const problem =
      routing.policy !== 'certified'
        ? 'they need routing.policy "certified", which shows what they may answer'
        : candidates.includes(frontierModel) || new Set(candidates).size < candidates.length
          ? 'a model stands twice, or is the frontier model itself'
          : null
    if (problem !== null) context.addIssue({ code: 'custom', path, message: problem })
  }
}

const UsdBudget = z.number().positive().max(1_000_000).nullable().default(null)

const defaultTeacher = 'mistralai/mistral-small-3.2-24b-instruct'

const Fields = z.strictObject({
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(4040),
      bodyLimitBytes: z.int().positive().default(4_194_304),
    })
    .prefault({}),
  agents: z
    .strictObject({
      king: agentSettings({
        frontierModel: 'nvidia/llama-3.1-nemotron-70b-instruct',
        teacherModel: null,
      }),
      sage: agentSettings({
        frontierModel: 'anthropic/claude-3.5-sonnet',
        teacherModel: defaultTeacher,
      }),
      magi: agentSettings({
        frontierModel: 'openai/o1-mini-2024-09-12',
        teacherModel: defaultTeacher,
      }),
    })
    .prefault({}),
  frontier: z
    .strictObject({
      /** Variables with keys of OpenRouter; calls are spread over several. */
      apiKeyVariables: z.array(EnvironmentVariable).min(1).default(['OPENROUTER_API_KEY']),
      /** Of each key. */
      requestsPerMinute: z.int().positive().default(50),
      timeoutMs: z.int().positive().default(30_000),
      attempts: z.int().min(1).max(10).default(3),
      /** Slugs whose owner allowed you to train on their answers. */
      grantedModels: z.array(z.string()).default([]),
    })
    .prefault({}),
  servers: Servers.default({}),
  models: OwnModels.default({}),
  local: z
    .strictObject({
      /**
       * `throughput` computes requests that run at once together, which is faster; an answer at
       * temperature 0 may then depend on what else runs.
       */
      batching: z.enum(['deterministic', 'throughput']).default('deterministic'),
      /** Requests that the local model of each agent answers at once; the others wait. */
      parallelRequests: z.int().min(1).max(64).default(4),
    })
    .prefault({}),
  routing: z
    .strictObject({
      policy: z.enum(['learned', 'first-formula', 'certified']).default('learned'),
      /** Policy `certified`: at most this share of the local answers may be a loss, at any time, … */
      alpha: z.number().gt(0).lt(0.5).default(0.03),
      /** … with this chance of ever saying so wrongly of one checkpoint. */
      delta: z.number().gt(0).lt(0.5).default(0.1),
      /**
       * Policy `certified`: a local answer may be judged before any of it leaves, and handed over to
       * the frontier, where it is expected to be there within so many milliseconds; 0 never does it.
       */
      maxAddedLatencyMs: z.int().min(0).max(600_000).default(1000),
      /** Of a streamed answer, so many tokens are held back and judged. */
      streamPrefixTokens: z.int().min(1).max(4096).default(48),
      /** Further local samples that are asked for to see whether they agree: that many times the work. */
      agreementSamples: z.int().min(0).max(4).default(0),
      /** At most this share of the locally served answers may be worse than the frontier's. */
      targetLoss: z.number().gt(0).lt(0.5).default(0.05),
    })
    .prefault({}),
  learning: z
    .strictObject({
      /** False records and compares as ever, but starts no training run and asks no teacher. */
      enabled: z.boolean().default(true),
      /** New examples of an agent that start a training run. */
      examplesPerRun: z.int().min(20).default(900),
      heldOutShare: z.number().gt(0).lt(0.5).default(0.12),
      /** The teacher may cost at most this share of what the agent's frontier has cost. */
      teacherShare: z.number().min(0).max(1).default(0.25),
      /** Steps of supervised training in one run; those measured for the student when left out. */
      trainingSteps: z.int().positive().optional(),
      /** Threads of the trainer; it runs at lower priority. */
      threads: z.int().positive().optional(),
      /** Two answers in free text may count as the same by what they mean, once that was shown. */
      compareMeaning: z
        .strictObject({
          enabled: z.boolean().default(false),
          /** At most this share of what it says may be wrong, … */
          maxWrongShare: z.number().gt(0).lt(0.5).default(0.05),
          /** … with this confidence. */
          confidence: z.number().gt(0.5).lt(1).default(0.9),
        })
        .prefault({}),
    })
    .prefault({}),
  /** What the whole village may spend, audits and teachers included, in USD; null is without limit. */
  budgets: z
    .strictObject({ dailyUsd: UsdBudget, monthlyUsd: UsdBudget, totalUsd: UsdBudget })
    .prefault({}),
  cache: z
    .strictObject({
      /**
       * `on-request` keeps and gives answers only where a request asks for it; `on` also where it
       * has a temperature of at most `maxTemperature` and no tools.
       */
      mode: z.enum(['off', 'on-request', 'on']).default('on-request'),
      /** Equal requests of one key under way at once are answered by one call of the model. */
      singleFlight: z.boolean().default(true),
      maxTemperature: z.number().min(0).max(2).default(0),
      timeToLiveSeconds: z.int().positive().default(300),
      maxEntries: z.int().positive().default(10_000),
      maxBytes: z.int().positive().default(67_108_864),
      maxStoredEntries: z.int().positive().default(50_000),
      maxStoredBytes: z.int().positive().default(536_870_912),
      /** How far a reader of a shared stream may be behind the fastest one. */
      maxSharedBytes: z.int().positive().default(4_194_304),
      /** Kept answers for requests that say the same in other words. */
      semantic: z
        .strictObject({
          enabled: z.boolean().default(false),
          /** At most this share of such answers may be wrong, … */
          maxWrongShare: z.number().gt(0).lt(0.5).default(0.01),
          /** … with this confidence. */
          confidence: z.number().gt(0.5).lt(1).default(0.9),
          /** Texts that are held in memory with their vectors. */
          maxEntries: z.int().positive().default(10_000),
          /** A longer text is given no answer but its own. */
          maxTextCharacters: z.int().positive().max(10_000).default(1000),
        })
        .prefault({}),
      /** Asks often asked requests again when the village is idle and their answer is about to expire. */
      warming: z
        .strictObject({
          enabled: z.boolean().default(false),
          /** Requests in about the time to live that make one worth it. */
          leastRequests: z.number().min(1).default(3),
          maxRequestsPerHour: z.int().positive().default(60),
          maxUsdPerDay: z.number().positive().default(0.5),
        })
        .prefault({}),
    })
    .prefault({}),
  /** Embeddings on this machine, for `cache.semantic`. */
  embeddings: z
    .strictObject({
      /** A model of Hugging Face or a folder (it begins with `.` or `/`); null for the built-in one. */
      model: z.string().min(1).nullable().default(null),
      /** Another hub than huggingface.co. */
      hubUrl: z.url().nullable().default(null),
      /** Of the weights. */
      precision: z.enum(['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4']).default('fp32'),
    })
    .prefault({}),
  batches: z
    .strictObject({
      /** Lines of batches under way at once, less what interactive traffic has under way. */
      concurrency: z.int().min(0).default(8),
      /** At most this share of the provider's requests per minute. */
      frontierShare: z.number().gt(0).max(1).default(0.5),
      maxFileBytes: z.int().positive().default(67_108_864),
      maxLines: z.int().positive().default(50_000),
      completionWindowHours: z.number().positive().default(24),
    })
    .prefault({}),
  durability: z.enum(['process', 'power']).default('process'),
})

/** What an operator may set in `village.json`; every field has a default. */
export const VillageSettings = Fields.superRefine(checkReplicas).superRefine(checkCandidates)

export type VillageSettings = z.infer<typeof VillageSettings>
