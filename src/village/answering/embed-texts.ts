import { noUsage } from '../../kernel/chat.ts'
import type { ChatUsage } from '../../kernel/chat.ts'
import type { Decision } from '../../kernel/decision.ts'
import type { EmbeddingModels, EmbeddingsAnswer } from '../../kernel/embeddings.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import type { Interaction } from '../../kernel/interaction.ts'
import { costOfTokens } from '../../kernel/money.ts'
import type { LedgerEntry } from '../../kernel/stores.ts'
import type { Reservation } from '../../safety/budget-reservations.ts'
import { requireAllowedModels } from './allowed-models.ts'
import type { AnswerPorts } from './answer-task.ts'
import type { Spending } from '../access/spending.ts'
import type { AnswerOptions, EmbedInput, EmbeddedTexts } from '../village-service.ts'

export type EmbedPorts = Pick<
  AnswerPorts,
  'ledger' | 'clock' | 'ids' | 'simulated' | 'charge' | 'onCommitted'
> & { readonly models: EmbeddingModels; readonly spending: Spending }

type Call = {
  readonly input: EmbedInput
  readonly keyId: string | null
  readonly taskId: string
  readonly startedAtMs: number
}

/**
 * Embeds and commits. The texts are not kept: only what the call cost and who answered it. Throws
 * `ForbiddenError` and `BudgetExceededError` as answers do.
 */
export async function embedTexts(
  input: EmbedInput,
  ports: EmbedPorts,
  options: AnswerOptions,
): Promise<EmbeddedTexts> {
  const { caller } = options
  if (caller !== undefined) requireAllowedModels(caller, { requestedModel: input.model })
  const reservation = await reserve(input, ports, options)
  try {
    const call = {
      input,
      keyId: caller?.id ?? null,
      taskId: ports.ids.next('task'),
      startedAtMs: ports.clock.now(),
    }
    return await embedFunded(call, ports, options.signal)
  } finally {
    reservation?.release()
  }
}

/** A token covers at least a byte, so the bytes of the request bound what it may cost. */
async function reserve(
  input: EmbedInput,
  { models, spending }: EmbedPorts,
  options: AnswerOptions,
): Promise<Reservation | null> {
  const { signal } = options
  const caller = options.caller ?? null
  if (!spending.applyTo(caller)) return null
  const price = await models.embeddingPrice(input.model, signal)
  const prompt = Buffer.byteLength(JSON.stringify(input.fields))
  return spending.reserveCost(caller, costOfTokens({ prompt, completion: 0 }, price), signal)
}

async function embedFunded(
  call: Call,
  ports: EmbedPorts,
  signal: AbortSignal,
): Promise<EmbeddedTexts> {
  const progress = { sent: true }
  let answer: EmbeddingsAnswer
  try {
    answer = await ports.models.embed(call.input, { signal, progress })
  } catch (error) {
    const left = signal.aborted && progress.sent
    if (left || error instanceof ModelCallError) {
      const usage = left ? await usageOfLeft(call.input, ports.models) : noUsage
      const message = left ? 'The client left before the answer.' : (error as Error).message
      const failed = interactionOf(call, { error: message, usage, left }, ports)
      await commit([failed], null, ports)
    }
    throw error
  }
  const interaction = interactionOf(call, { answer, error: null, usage: answer.usage }, ports)
  const decision = decisionOf(call, interaction, ports)
  await commit([interaction], decision, ports)
  return { answer, decision }
}

/** The provider finishes and bills what was sent, whoever waits for it. */
async function usageOfLeft(input: EmbedInput, models: EmbeddingModels): Promise<ChatUsage> {
  const price = await models.embeddingPrice(input.model, new AbortController().signal)
  const characters = JSON.stringify(input.fields).length
  const promptTokens = Math.ceil(characters / charactersPerToken)
  return {
    ...noUsage,
    promptTokens,
    cost: costOfTokens({ prompt: promptTokens, completion: 0 }, price),
  }
}

const charactersPerToken = 4

async function commit(
  interactions: readonly Interaction[],
  decision: Decision | null,
  ports: EmbedPorts,
): Promise<void> {
  for (const interaction of interactions) ports.charge(interaction)
  await ports.ledger.record([
    ...interactions.map((record): LedgerEntry => ({ type: 'interaction', record })),
    ...(decision === null ? [] : [{ type: 'decision', record: decision } as const]),
  ])
  ports.onCommitted({ decision, interactions })
}

function interactionOf(
  call: Call,
  outcome: {
    readonly answer?: EmbeddingsAnswer
    readonly error: string | null
    readonly usage: ChatUsage
    readonly left?: boolean
  },
  ports: EmbedPorts,
): Interaction {
  const { answer, error, usage } = outcome
  return {
    id: ports.ids.next('int'),
    taskId: call.taskId,
    agent: null,
    ...(call.keyId !== null && { keyId: call.keyId }),
    purpose: 'serve',
    model: answer?.model ?? call.input.model,
    modelKind: 'frontier',
    checkpoint: null,
    messages: [],
    sampling: {},
    answer: '',
    finishReason: error === null ? 'stop' : 'error',
    usage,
    latencyMs: ports.clock.now() - call.startedAtMs,
    retries: answer?.retries ?? 0,
    streamed: false,
    error,
    ...(outcome.left === true && { cancelled: true }),
    simulated: ports.simulated,
    generationId: answer?.generationId ?? null,
    startedAtMs: call.startedAtMs,
  }
}

function decisionOf(call: Call, interaction: Interaction, ports: EmbedPorts): Decision {
  return {
    id: call.input.decisionId ?? ports.ids.next('dec'),
    taskId: call.taskId,
    agent: null,
    kind: 'embeddings',
    requestedModel: call.input.model,
    route: 'frontier',
    model: interaction.model,
    reason: 'The client named this model, which makes embeddings.',
    complexity: null,
    threshold: null,
    policy: 'named-by-client',
    checkpoint: null,
    datasetVersionId: null,
    auditProbability: 0,
    audited: false,
    alwaysFrontierCost: interaction.usage.cost,
    cost: interaction.usage.cost,
    simulated: ports.simulated,
    interactionId: interaction.id,
    decidedAtMs: call.startedAtMs,
  }
}
