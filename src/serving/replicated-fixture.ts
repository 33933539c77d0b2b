import { onTestFinished } from 'vitest'
import type { ChatEvent } from '../kernel/chat.ts'
import { createManualClock } from '../kernel/manual-clock.ts'
import { seededRandom } from '../kernel/random.ts'
import { createReplicatedModel, type ReplicatedModelOptions } from './replicated-model.ts'
import { scriptedDescription, scriptedModel, type ScriptedModel } from './scripted-model.ts'

/** For the tests of the balancing: a model with one scripted replica for each name. */
export function replicate(
  names: readonly string[],
  options: Partial<ReplicatedModelOptions> & { readonly runs?: boolean } = {},
) {
  const clock = createManualClock({ runs: options.runs ?? true })
  const models = names.map((name) => scriptedModel(name))
  const model = createReplicatedModel({
    description: scriptedDescription,
    replicas: names.map((name, index) => ({
      name,
      adapter: models[index] as ScriptedModel,
      weight: 1,
      draining: false,
    })),
    clock,
    random: seededRandom(3),
    ...options,
  })
  onTestFinished(() => model.close())
  return { model, clock, models: models as [ScriptedModel, ...ScriptedModel[]] }
}

/** The text of a stream. */
export async function read(stream: AsyncIterable<ChatEvent>): Promise<string> {
  let text = ''
  for await (const event of stream) if (event.type === 'text') text += event.text
  return text
}

/** Lets everything run that waits for nothing but promises. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

export const callsOf = (models: readonly ScriptedModel[]): number =>
  models.reduce((sum, { calls }) => sum + calls.length, 0)
