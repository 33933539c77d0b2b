import { z } from 'zod'

/** Secrets stand in the environment; the settings name the variable. */
export const EnvironmentVariable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable')

const ServerUrl = z
  .string()
  .refine(
    isServerUrl,
    'expected an address such as http://10.0.0.5:8000/v1, without user, password, "?" or "#"',
  )

/** A server of OpenAI's chat completions: llama-server, vLLM, Ollama, LM Studio, another village. */
const Server = z.strictObject({
  baseUrl: ServerUrl,
  /** The variable that holds the key; servers without keys need none. */
  apiKeyVariable: EnvironmentVariable.optional(),
  requestsPerMinute: z.int().positive().optional(),
  /** Longest time until an answer begins, and longest silence within it. */
  timeoutMs: z.int().positive().default(120_000),
  /** OpenAI's own reasoning models want the other one. */
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
})

const ReplicaSettings = z.strictObject({
  server: z.string(),
  /** What the server calls the model; the model's own name when left out. */
  model: z.string().min(1).optional(),
  weight: z.number().positive().max(1000).default(1),
  /** A draining replica gets no new requests; those under way finish. */
  draining: z.boolean().default(false),
})

/** A model that clients and agents use by its name, answered by the operator's servers. */
const OwnModel = z.strictObject({
  replicas: z.array(ReplicaSettings).min(1),
  contextLength: z.int().positive().default(8192),
  maxCompletionTokens: z.int().positive().optional(),
  /** What a million tokens cost you; 0 for machines of your own. */
  promptUsdPerMillion: z.number().min(0).default(0),
  completionUsdPerMillion: z.number().min(0).default(0),
  /** `granted` states that you may train on its answers. */
  distillable: z.enum(['no', 'granted']).default('no'),
  supportedParameters: z.array(z.string()).default([]),
  inputModalities: z.array(z.string()).default(['text']),
})
export type OwnModelSettings = z.infer<typeof OwnModel>

const serverName = /^[A-Za-z0-9][\w.-]{0,63}$/
const modelName = /^\w[\w.-]*(\/\w[\w.-]*)*(:\w[\w.-]*)?$/
const longestModelName = 256

export const Servers = z.record(z.string(), Server)
export const OwnModels = z.record(z.string(), OwnModel)

/**
 * Names are fit to be names, and each replica names a server that is there, none twice for one
 * model.
 */
export function checkReplicas(
  settings: {
    readonly servers: z.infer<typeof Servers>
    readonly models: z.infer<typeof OwnModels>
  },
  context: z.RefinementCtx,
): void {
  for (const name of Object.keys(settings.servers)) {
    if (serverName.test(name)) continue
    const message = 'a server is called by letters, digits, ".", "_" and "-", at most 64'
    context.addIssue({ code: 'custom', path: ['servers', name], message })
  }
  for (const [name, { replicas }] of Object.entries(settings.models)) {
    const misnamed = problemOfModelName(name)
    if (misnamed !== undefined) {
      context.addIssue({ code: 'custom', path: ['models', name], message: misnamed })
    }
    const seen = new Set<string>()
    for (const [index, { server }] of replicas.entries()) {
      const problem = !Object.hasOwn(settings.servers, server)
        ? `there is no server "${server}" under "servers"`
        : seen.has(server)
          ? `the server "${server}" is a replica of this model already`
          : undefined
      seen.add(server)
      if (problem === undefined) continue
      const path = ['models', name, 'replicas', index, 'server']
      context.addIssue({ code: 'custom', path, message: problem })
    }
  }
}

function problemOfModelName(name: string): string | undefined {
  if (!modelName.test(name) || name.length > longestModelName) {
    return `expected a name such as "acme/coder", of at most ${longestModelName} characters`
  }
  return /^(?:village|local|auto|openrouter)(?:\/|$)/i.test(name)
    ? 'names of the village, of local models and of OpenRouter’s routers are taken'
    : undefined
}

function isServerUrl(text: string): boolean {
  // The parser would forgive white space, backslashes and an empty "#" or "?".
  if (!URL.canParse(text) || /[\s\\#?@]/.test(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}
