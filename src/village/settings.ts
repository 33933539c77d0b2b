import { z } from 'zod'

const AgentSettings = z.strictObject({
  /** A slug of the provider's models list. */
  frontierModel: z.string().min(1),
  /**
   * A cheap model whose answers may be trained on, asked beside the frontier while the agent
   * learns. Null when the frontier model's own answers may be trained on.
   */
  teacherModel: z.string().min(1).nullable(),
})

const defaultTeacher = 'mistralai/mistral-small-3.2-24b-instruct'

/** What an operator may set in `village.json`; every field has a default. */
export const VillageSettings = z.strictObject({
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(4040),
      bodyLimitBytes: z.int().positive().default(4_194_304),
    })
    .prefault({}),
  agents: z
    .strictObject({
      king: AgentSettings.default({
        frontierModel: 'nvidia/llama-3.1-nemotron-70b-instruct',
        teacherModel: null,
      }),
      sage: AgentSettings.default({
        frontierModel: 'anthropic/claude-3.5-sonnet',
        teacherModel: defaultTeacher,
      }),
      magi: AgentSettings.default({
        frontierModel: 'openai/o1-mini-2024-09-12',
        teacherModel: defaultTeacher,
      }),
    })
    .prefault({}),
  frontier: z
    .strictObject({
      requestsPerMinute: z.int().positive().default(50),
      timeoutMs: z.int().positive().default(30_000),
      attempts: z.int().min(1).max(10).default(3),
      /** Slugs whose owner allowed you to train on their answers. */
      grantedModels: z.array(z.string()).default([]),
    })
    .prefault({}),
  routing: z
    .strictObject({
      policy: z.enum(['learned', 'first-formula']).default('learned'),
      /** At most this share of the locally served answers may be worse than the frontier's. */
      targetLoss: z.number().gt(0).lt(0.5).default(0.05),
    })
    .prefault({}),
  learning: z
    .strictObject({
      /** False records and compares as ever, but starts no training run and asks no teacher. */
      enabled: z.boolean().default(true),
      /** New examples of an agent that start a training run. */
      examplesPerRun: z.int().min(20).default(1100),
      heldOutShare: z.number().gt(0).lt(0.5).default(0.12),
      /** The teacher may cost at most this share of what the agent's frontier has cost. */
      teacherShare: z.number().min(0).max(1).default(0.25),
      /** Steps of supervised training in one run; those measured for the student when left out. */
      trainingSteps: z.int().positive().optional(),
      /** Threads of the trainer; it runs at lower priority. */
      threads: z.int().positive().optional(),
    })
    .prefault({}),
  durability: z.enum(['process', 'power']).default('process'),
})

export type VillageSettings = z.infer<typeof VillageSettings>
