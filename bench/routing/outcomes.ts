import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'

/** What one model made of one task. */
type ModelOutcome = {
  readonly correct: boolean
  readonly answer: string | null
  readonly costUsd: number | null
  readonly confidence: number | null
}

export type Outcome = {
  readonly prompt: string
  readonly local: ModelOutcome
  readonly frontier: ModelOutcome
  /** Answers of other local models to the same prompt. */
  readonly peers: readonly string[]
}

export type OutcomeSet = { readonly name: string; readonly outcomes: readonly Outcome[] }

const OutcomeLine = z.object({
  prompt: z.string(),
  models: z.record(
    z.string(),
    z.object({
      correct: z.boolean(),
      answer: z.string().nullish(),
      costUsd: z.number().nonnegative().nullish(),
      confidence: z.number().min(0).max(1).nullish(),
    }),
  ),
})

/**
 * Reads JSON lines (gzip or not): `prompt`, optional `group`, and per model `correct`, optional
 * `answer`, `costUsd`, `confidence`. Throws with the line and the reason where it cannot.
 */
export function readOutcomes(
  path: string,
  models: { readonly weak: string; readonly strong: string; readonly peers: readonly string[] },
): OutcomeSet {
  const outcomes = linesOf(path).flatMap((line, at): Outcome[] => {
    const parsed = OutcomeLine.safeParse(line)
    if (!parsed.success) {
      throw new Error(`${path}, line ${at + 1}: ${z.prettifyError(parsed.error)}`)
    }
    const { prompt, models: byName } = parsed.data
    const [local, frontier] = [byName[models.weak], byName[models.strong]]
    if (local === undefined || frontier === undefined) return []
    const peers = models.peers.flatMap((peer) => byName[peer]?.answer ?? [])
    return [{ prompt, local: modelOutcome(local), frontier: modelOutcome(frontier), peers }]
  })
  if (outcomes.length === 0) {
    throw new Error(
      `${path} has no line with both "${models.weak}" and "${models.strong}"; name others with --weak and --strong`,
    )
  }
  return { name: path, outcomes }
}

/** The data sets behind the targets, read from the folder given with --data. */
export function routeLlmMmlu(folder: string): OutcomeSet {
  return {
    name: 'MMLU, Mixtral-8x7B → GPT-4',
    outcomes: routeLlm(join(folder, 'routellm_mmlu.jsonl.gz')),
  }
}

export function routeLlmGsm8k(folder: string): OutcomeSet {
  return {
    name: 'GSM8K, Mixtral-8x7B → GPT-4',
    outcomes: routeLlm(join(folder, 'routellm_gsm8k.jsonl.gz')),
  }
}

export function mmluPro(folder: string): OutcomeSet {
  return withOutputs(folder, {
    name: 'MMLU-Pro, Llama-3.1-8B → Gemini-1.5-Pro',
    file: 'mmlu_pro.jsonl.gz',
    outputs: 'mmlu_pro_outputs_small.jsonl.gz',
    weak: 'Meta-Llama-3_1-8B-Instruct',
    strong: 'gemini-1.5-pro-002',
    peers: ['Phi-3-mini-4k-instruct', 'mathstral-7B'],
  })
}

export function zeroEvalGsm(folder: string): OutcomeSet {
  return withOutputs(folder, {
    name: 'ZeroEval GSM8K, Llama-3.1-8B → Claude-3.5-Sonnet',
    file: 'zeroeval_gsm.jsonl.gz',
    outputs: 'zeroeval_gsm_outputs.jsonl.gz',
    weak: 'Meta-Llama-3.1-8B-Instruct',
    strong: 'claude-3-5-sonnet-20240620',
    peers: ['Qwen2-7B-Instruct', 'gemma-2-9b-it'],
  })
}

export function zeroEvalCrux(folder: string): OutcomeSet {
  return withOutputs(folder, {
    name: 'ZeroEval CRUX, Llama-3.1-8B → Claude-3.5-Sonnet',
    file: 'zeroeval_crux.jsonl.gz',
    outputs: 'zeroeval_crux_outputs.jsonl.gz',
    weak: 'Meta-Llama-3.1-8B-Instruct',
    strong: 'claude-3-5-sonnet-20240620',
    peers: ['Qwen2.5-7B-Instruct', 'gemma-2-9b-it'],
  })
}

function routeLlm(path: string): readonly Outcome[] {
  const Line = z.object({
    prompt: z.string(),
    contaminated: z.boolean(),
    weak: z.boolean(),
    strong: z.boolean(),
    weak_response: z.string().optional(),
  })
  return linesOf(path)
    .map((line) => Line.parse(line))
    .filter(({ contaminated }) => !contaminated)
    .map(({ prompt, weak, strong, weak_response: answer }) => ({
      prompt,
      local: { ...nothingElse, correct: weak, answer: answer ?? null },
      frontier: { ...nothingElse, correct: strong },
      peers: [],
    }))
}

function withOutputs(
  folder: string,
  set: {
    readonly name: string
    readonly file: string
    readonly outputs: string
    readonly weak: string
    readonly strong: string
    readonly peers: readonly string[]
  },
): OutcomeSet {
  const Line = z.object({
    id: z.string(),
    prompt: z.string(),
    models: z.record(z.string(), z.object({ correct: z.boolean(), pred: z.string().nullish() })),
  })
  const Outputs = z.object({ id: z.string(), outputs: z.record(z.string(), z.string()) })
  const answers = new Map(
    linesOf(join(folder, set.outputs)).map((line) => {
      const { id, outputs } = Outputs.parse(line)
      return [id, outputs] as const
    }),
  )
  const outcomes = linesOf(join(folder, set.file)).flatMap((line): Outcome[] => {
    const { id, prompt, models } = Line.parse(line)
    const [local, frontier, byModel] = [models[set.weak], models[set.strong], answers.get(id)]
    const answer = byModel?.[set.weak]
    if (local === undefined || frontier === undefined || answer === undefined) return []
    return [
      {
        prompt,
        local: { ...nothingElse, correct: local.correct, answer },
        frontier: { ...nothingElse, correct: frontier.correct },
        peers: set.peers.flatMap((peer) => byModel?.[peer] ?? statedResult(models[peer]?.pred)),
      },
    ]
  })
  return { name: set.name, outcomes }
}

/** Of some models only the chosen option is known. */
function statedResult(option: string | null | undefined): readonly string[] {
  return option === null || option === undefined ? [] : [`The answer is (${option}).`]
}

const nothingElse = { answer: null, costUsd: null, confidence: null } as const

function modelOutcome(read: {
  readonly correct: boolean
  readonly answer?: string | null | undefined
  readonly costUsd?: number | null | undefined
  readonly confidence?: number | null | undefined
}): ModelOutcome {
  return {
    correct: read.correct,
    answer: read.answer ?? null,
    costUsd: read.costUsd ?? null,
    confidence: read.confidence ?? null,
  }
}

function linesOf(path: string): readonly unknown[] {
  const bytes = readFileSync(path)
  const text = path.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString()
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, at): unknown => {
      try {
        return JSON.parse(line)
      } catch (error) {
        throw new Error(`${path}, line ${at + 1} is not JSON`, { cause: error })
      }
    })
}
