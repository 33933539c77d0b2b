import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lastUserText, noUsage } from '../src/kernel/chat.ts'
import type { LocalModels, LocalWeights, ModelAdapter } from '../src/kernel/model-adapter.ts'
import type { Trainer } from '../src/kernel/training.ts'
import { descriptionOf } from '../src/learning/learning-fixtures.ts'

function adapterOf(skill: number): ModelAdapter {
  return {
    description: { ...descriptionOf('no'), kind: 'local' },
    answer: (request) => {
      const text = lastUserText(request.messages)
      const luck = createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32
      return Promise.resolve({
        text: luck < skill ? `answer to ${text}` : 'no idea',
        finishReason: 'stop',
        usage: noUsage,
        model: 'local',
        latencyMs: 1,
        retries: 0,
      })
    },
    stream: () => {
      throw new Error('the gate does not stream')
    },
  }
}

/** Local models whose file of weights holds the share of tasks that they answer right. */
export function localModels() {
  const serving = new Map<string, LocalWeights | null>()
  const read = async (weights: LocalWeights): Promise<ModelAdapter> => {
    const skill = Number(await readFile(weights.path, 'utf8'))
    if (Number.isNaN(skill)) throw new Error('not a model')
    return adapterOf(skill)
  }
  const models: LocalModels = {
    baseHash: 'base',
    forAgent: () => adapterOf(0.1),
    load: async (weights) => ({ adapter: await read(weights), release: () => Promise.resolve() }),
    serve: async (agent, weights) => {
      if (weights !== null) await read(weights)
      serving.set(agent, weights)
    },
    workload: () => ({ running: 0, waiting: 0, sequences: 1 }),
    close: () => Promise.resolve(),
  }
  return { models, serving }
}

/** A trainer whose runs give weights of these contents, one after the other. */
export function trainerOf(contents: readonly (string | Error)[]) {
  const jobs: Parameters<Trainer['train']>[0][] = []
  const started = Promise.withResolvers<void>()
  const trainer: Trainer = {
    unavailableBecause: () => null,
    train: async (job, { onEvent, signal }) => {
      const content = contents[jobs.length]
      jobs.push(job)
      onEvent({ type: 'phase', phase: 'sft' })
      onEvent({ type: 'step', phase: 'sft', step: 150, maxSteps: 150, metrics: { loss: 0.1 } })
      started.resolve()
      if (content === 'never ends') {
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        })
      }
      if (content === undefined || content instanceof Error) throw content ?? new Error('no more')
      await mkdir(job.outputFolder, { recursive: true })
      const ggufPath = join(job.outputFolder, 'adapter.gguf')
      await writeFile(ggufPath, content)
      const hash = createHash('sha256').update(content).digest('hex')
      return { folder: job.outputFolder, ggufPath, hash, studentHash: 's', metrics: { loss: 0.1 } }
    },
  }
  return { trainer, jobs, started: started.promise }
}
