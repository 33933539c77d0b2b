/** A model of the simulated provider: prices and speeds are of the size of the real one's. */
export type SimulatedModel = {
  readonly id: string
  readonly name: string
  readonly createdSeconds: number
  readonly contextLength: number
  readonly maxCompletionTokens: number
  readonly tokenizer:
    | 'GPT'
    | 'Claude'
    | 'Gemini'
    | 'Qwen'
    | 'Mistral'
    | 'Llama3'
    | 'DeepSeek'
    | 'Other'
  /** Decimal USD per token, as the provider lists them. */
  readonly promptPrice: string
  readonly completionPrice: string
  /** Listed under `GET /models?distillable=true`: its answers may be trained on. */
  readonly distillable: boolean
  readonly supportsTools: boolean
  /** Bills hidden reasoning tokens as completion tokens. */
  readonly reasons: boolean
  readonly firstTokenMs: number
  readonly perTokenMs: number
  /** Share of prompts that this model gets wrong. */
  readonly errorRate: number
}

/** The default models of King, Sage and Magi first, then possible teachers, then others. */
export const simulatedModels: readonly SimulatedModel[] = [
  {
    id: 'nvidia/llama-3.1-nemotron-70b-instruct',
    name: 'NVIDIA: Llama 3.1 Nemotron 70B Instruct',
    createdSeconds: 1728950400,
    contextLength: 131072,
    maxCompletionTokens: 16384,
    tokenizer: 'Llama3',
    promptPrice: '0.0000006',
    completionPrice: '0.0000006',
    distillable: true,
    supportsTools: true,
    reasons: false,
    firstTokenMs: 480,
    perTokenMs: 22,
    errorRate: 0.01,
  },
  {
    id: 'anthropic/claude-3.5-sonnet',
    name: 'Anthropic: Claude 3.5 Sonnet',
    createdSeconds: 1729555200,
    contextLength: 200000,
    maxCompletionTokens: 8192,
    tokenizer: 'Claude',
    promptPrice: '0.000006',
    completionPrice: '0.00003',
    distillable: false,
    supportsTools: true,
    reasons: false,
    firstTokenMs: 900,
    perTokenMs: 18,
    errorRate: 0.01,
  },
  {
    id: 'openai/o1-mini-2024-09-12',
    name: 'OpenAI: o1-mini (2024-09-12)',
    createdSeconds: 1726099200,
    contextLength: 128000,
    maxCompletionTokens: 65536,
    tokenizer: 'GPT',
    promptPrice: '0.0000011',
    completionPrice: '0.0000044',
    distillable: false,
    supportsTools: false,
    reasons: true,
    firstTokenMs: 700,
    perTokenMs: 6,
    errorRate: 0.015,
  },
  {
    id: 'mistralai/mistral-small-3.2-24b-instruct',
    name: 'Mistral: Mistral Small 3.2 24B',
    createdSeconds: 1750443016,
    contextLength: 131072,
    maxCompletionTokens: 16384,
    tokenizer: 'Mistral',
    promptPrice: '0.000000075',
    completionPrice: '0.0000002',
    distillable: true,
    supportsTools: true,
    reasons: false,
    firstTokenMs: 350,
    perTokenMs: 13,
    errorRate: 0.02,
  },
  {
    id: 'qwen/qwen-2.5-72b-instruct',
    name: 'Qwen2.5 72B Instruct',
    createdSeconds: 1726704000,
    contextLength: 32768,
    maxCompletionTokens: 16384,
    tokenizer: 'Qwen',
    promptPrice: '0.00000012',
    completionPrice: '0.00000039',
    distillable: true,
    supportsTools: true,
    reasons: false,
    firstTokenMs: 600,
    perTokenMs: 28,
    errorRate: 0.025,
  },
  {
    id: 'deepseek/deepseek-chat-v3.1',
    name: 'DeepSeek: DeepSeek V3.1',
    createdSeconds: 1755779628,
    contextLength: 163840,
    maxCompletionTokens: 16384,
    tokenizer: 'DeepSeek',
    promptPrice: '0.00000015',
    completionPrice: '0.00000075',
    distillable: true,
    supportsTools: true,
    reasons: false,
    firstTokenMs: 850,
    perTokenMs: 25,
    errorRate: 0.02,
  },
  {
    id: 'microsoft/phi-4',
    name: 'Microsoft: Phi 4',
    createdSeconds: 1736489872,
    contextLength: 16384,
    maxCompletionTokens: 16384,
    tokenizer: 'Other',
    promptPrice: '0.00000006',
    completionPrice: '0.00000014',
    distillable: true,
    supportsTools: false,
    reasons: false,
    firstTokenMs: 300,
    perTokenMs: 15,
    errorRate: 0.03,
  },
  {
    id: 'openai/gpt-4o-mini',
    name: 'OpenAI: GPT-4o-mini',
    createdSeconds: 1721260800,
    contextLength: 128000,
    maxCompletionTokens: 16384,
    tokenizer: 'GPT',
    promptPrice: '0.00000015',
    completionPrice: '0.0000006',
    distillable: false,
    supportsTools: true,
    reasons: false,
    firstTokenMs: 450,
    perTokenMs: 14,
    errorRate: 0.02,
  },
  {
    id: 'google/gemini-2.5-flash',
    name: 'Google: Gemini 2.5 Flash',
    createdSeconds: 1750172488,
    contextLength: 1048576,
    maxCompletionTokens: 65535,
    tokenizer: 'Gemini',
    promptPrice: '0.0000003',
    completionPrice: '0.0000025',
    distillable: false,
    supportsTools: true,
    reasons: false,
    firstTokenMs: 500,
    perTokenMs: 8,
    errorRate: 0.012,
  },
]

export const autoRouterId = 'openrouter/auto'

/** Suffixes that change how a model is routed, not which one it is. */
const routingSuffix = /:(?:online|nitro|floor)$/

export function findSimulatedModel(id: string): SimulatedModel | undefined {
  const slug = id.replace(routingSuffix, '')
  if (slug === autoRouterId) return simulatedModels[0]
  return simulatedModels.find((model) => model.id === slug)
}
