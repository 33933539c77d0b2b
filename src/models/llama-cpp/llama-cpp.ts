import { existsSync } from 'node:fs'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChatMessage } from '../../kernel/chat.ts'
import { textOfMessage } from '../../kernel/chat.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ModelCallError, UnknownModelError } from '../../kernel/errors.ts'
import type { LocalModels, LocalWeights, ModelAdapter } from '../../kernel/model-adapter.ts'
import type { Random } from '../../kernel/random.ts'
import { closeNames } from '../close-names.ts'
import { OrderFailed, type InferenceChild } from './inference-child.ts'
import { startInferenceSupervisor } from './inference-supervisor.ts'
import { createLane, type Lane } from './lane.ts'
import { createLocalModel } from './local-model.ts'
import type { BatchCounts, Batching } from './protocol.ts'
import { hashOfFile, pathNamedByHash } from './weights-file.ts'

export type LlamaCppOptions = {
  /** The base model, a GGUF file. */
  readonly basePath: string
  /** Holds `chat_template.jinja`; null takes the template of the GGUF file. */
  readonly studentFolder: string | null
  readonly agents: readonly string[]
  readonly clock: Clock
  readonly random: Random
  /** Answers of one agent that are generated at once. */
  readonly sequencesPerAgent?: number
  /**
   * `throughput` computes the sequences of an agent together: faster, but an answer at temperature 0
   * may then depend on what else runs. `deterministic` when left out.
   */
  readonly batching?: Batching
  /** Threads that compute; by default one core is left to the gateway. */
  readonly threads?: number
  /** Tokens of one conversation with its answer; by default what the model was trained on, at most 4096. */
  readonly contextSize?: number
  /** Requests that may wait for a sequence, per agent. */
  readonly maxWaiting?: number
  readonly gpu?: boolean
  /** Of the inference process, as `nice` has it. */
  readonly niceness?: number
  /** Called when the inference process died and is started again. */
  readonly onRestart?: (reason: string) => void
}

export type LlamaCpp = LocalModels & {
  /** The weights that serve the agent now; null is the base. */
  serving(agent: string): LocalWeights | null
  /** The tokens that the model sees for a conversation. */
  encode(messages: readonly ChatMessage[], addGenerationPrompt: boolean): Promise<readonly number[]>
  /** The batches of the agent's weights since they serve. */
  batches(agent: string): Promise<BatchCounts>
  processId(): number | undefined
}

/** Contexts are opened under numbers of ours, so that a new process can be given the same ones. */
type OpenContext = { readonly adapterPath: string | null; readonly contextSize: number }

/** Serves GGUF models with llama.cpp in a process of its own; resolves when it can answer. */
export async function startLlamaCpp(options: LlamaCppOptions): Promise<LlamaCpp> {
  const sequences = options.sequencesPerAgent ?? 4
  const maxWaiting = options.maxWaiting ?? 256
  const weightsFolder = await mkdtemp(join(tmpdir(), 'village-weights-'))
  const contexts = new Map<number, OpenContext>()
  const checkpoints = new Map<number, string | null>()
  const candidateLanes = new Set<Lane>()
  let lastContext = 0

  const openOn = async (
    child: InferenceChild,
    context: number,
    adapterPath: string | null,
  ): Promise<OpenContext> => {
    const reply = await child.order({
      type: 'open-context',
      context,
      adapterPath,
      contextSize: options.contextSize ?? null,
      sequences,
      batching: options.batching ?? 'deterministic',
    })
    return {
      adapterPath,
      contextSize: (reply as Extract<typeof reply, { type: 'context-opened' }>).contextSize,
    }
  }
  const load = async () => {
    // A file that is not there is told at once, without the start of a process.
    await access(options.basePath)
    const baseHash = await hashOfBase(options)
    const supervisor = await startInferenceSupervisor({
      clock: options.clock,
      niceness: options.niceness ?? 5,
      onRestart: options.onRestart,
      prepare: async (child) => {
        await child.order({
          type: 'load-model',
          modelPath: options.basePath,
          templateFolder: options.studentFolder,
          threads: options.threads ?? Math.max(1, availableParallelism() - 1),
          gpu: options.gpu ?? false,
        })
        for (const [context, { adapterPath }] of contexts) await openOn(child, context, adapterPath)
      },
    })
    return { baseHash, supervisor }
  }
  const { baseHash, supervisor } = await load().catch(async (error: unknown) => {
    await rm(weightsFolder, { recursive: true, force: true })
    throw notLoaded(`The local model ${options.basePath} does not load`, error)
  })

  const openContext = async (weights: LocalWeights | null): Promise<number> => {
    const adapterPath = weights === null ? null : await pathNamedByHash(weights, weightsFolder)
    lastContext += 1
    const context = lastContext
    const opened = await supervisor
      .run((child) => openOn(child, context, adapterPath), { model: 'local', attempts: 1 })
      .catch((error: unknown) => {
        throw notLoaded(`The weights ${weights?.path ?? 'of the base'} do not load`, error)
      })
    contexts.set(context, opened)
    checkpoints.set(context, weights?.hash ?? null)
    return context
  }
  /** Answers under way on the context finish first. */
  const closeContext = async (context: number): Promise<void> => {
    contexts.delete(context)
    checkpoints.delete(context)
    await supervisor
      .run((child) => child.order({ type: 'close-context', context }), {
        model: 'local',
        attempts: 1,
      })
      .catch(() => undefined) // A process that has ended has closed it.
  }
  const adapterFor = (id: string, lane: Lane, context: () => number | undefined): ModelAdapter =>
    createLocalModel({
      id,
      lane,
      context,
      checkpointOf: (opened) => checkpoints.get(opened) ?? null,
      contextLength: () => contexts.get(context() ?? -1)?.contextSize ?? 0,
      supervisor,
      clock: options.clock,
      random: options.random,
    })

  const agents = new Map<string, ServedAgent>()
  for (const agent of options.agents) {
    const id = `local/${agent}`
    const lane = createLane({ model: id, places: sequences, maxWaiting })
    const served: ServedAgent = {
      lane,
      adapter: adapterFor(id, lane, () => served.context),
      context: await openContext(null),
      weights: null,
      swap: Promise.resolve(),
    }
    agents.set(agent, served)
  }
  const servedAgent = (agent: string): ServedAgent => {
    const served = agents.get(agent)
    if (served === undefined) throw new UnknownModelError(agent, closeNames(agent, options.agents))
    return served
  }
  const lanes = (): readonly Lane[] => [
    ...[...agents.values()].map(({ lane }) => lane),
    ...candidateLanes,
  ]

  return {
    baseHash,
    forAgent: (agent) => servedAgent(agent).adapter,
    serving: (agent) => servedAgent(agent).weights,
    load: async (weights) => {
      const id = `local/candidate-${weights.hash.slice(0, 12)}`
      let context: number | undefined = await openContext(weights)
      const lane = createLane({ model: id, places: sequences, maxWaiting: Infinity })
      candidateLanes.add(lane)
      return {
        adapter: adapterFor(id, lane, () => context),
        release: async () => {
          if (context === undefined) return
          const released = context
          context = undefined
          candidateLanes.delete(lane)
          await closeContext(released)
        },
      }
    },
    serve: (agent, weights) => {
      const served = servedAgent(agent)
      const swap = async (): Promise<void> => {
        const before = served.context
        served.context = await openContext(weights)
        served.weights = weights
        void closeContext(before)
      }
      // One swap of an agent at a time, in the order asked for; a failed one does not stop the next.
      const result = served.swap.then(swap, swap)
      served.swap = result
      result.catch(() => undefined)
      return result
    },
    workload: () => ({
      running: lanes().reduce((sum, lane) => sum + lane.running(), 0),
      waiting: lanes().reduce((sum, lane) => sum + lane.waiting(), 0),
      sequences: lanes().length * sequences,
    }),
    encode: async (messages, addGenerationPrompt) => {
      const plain = messages.map((message) => ({
        role: message.role,
        content: textOfMessage(message),
      }))
      const reply = await supervisor.run(
        (child) => child.order({ type: 'encode', messages: plain, addGenerationPrompt }),
        { model: 'local', attempts: 2 },
      )
      return (reply as Extract<typeof reply, { type: 'encoded' }>).tokens
    },
    batches: async (agent) => {
      const { context } = servedAgent(agent)
      const reply = await supervisor.run(
        (child) => child.order({ type: 'count-batches', context }),
        {
          model: 'local',
          attempts: 1,
        },
      )
      return (reply as Extract<typeof reply, { type: 'batches-counted' }>).counts
    },
    processId: () => supervisor.pid(),
    close: async () => {
      await supervisor.close()
      await rm(weightsFolder, { recursive: true, force: true })
    },
  }
}

type ServedAgent = {
  readonly lane: Lane
  readonly adapter: ModelAdapter
  context: number
  weights: LocalWeights | null
  swap: Promise<void>
}

/** The weights that training starts from name the base; a model without them is named by its file. */
function hashOfBase(options: LlamaCppOptions): Promise<string> {
  const trained =
    options.studentFolder === null ? undefined : join(options.studentFolder, 'model.safetensors')
  return hashOfFile(trained !== undefined && existsSync(trained) ? trained : options.basePath)
}

function notLoaded(what: string, cause: unknown): ModelCallError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ModelCallError(`${what}: ${reason}`, {
    model: 'local',
    retryable:
      !(cause instanceof OrderFailed) && cause instanceof ModelCallError && cause.retryable,
    cause,
  })
}
