import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { AgentName } from '../kernel/agent-name.ts'
import { textOfMessage } from '../kernel/chat.ts'
import type { ChatMessage } from '../kernel/chat.ts'
import type { Clock } from '../kernel/clock.ts'
import type { DatasetVersion, Example, PreferencePair } from '../kernel/dataset.ts'
import type { Ids } from '../kernel/ids.ts'
import type { Random } from '../kernel/random.ts'
import { fingerprintOf, isHeldOut } from './held-out.ts'
import type { DatasetSettings } from './learning-settings.ts'
import { selectExamples } from './select-examples.ts'
import { selectPairs } from './select-pairs.ts'
import { writeFileAtomically } from './write-file-atomically.ts'

export type DatasetInput = {
  readonly agent: AgentName
  /** Examples and pairs of this agent that may be trained on, in any order. */
  readonly examples: readonly Example[]
  readonly pairs: readonly PreferencePair[]
  /** When the dataset before this one was made; kinds with nothing newer are only replayed. */
  readonly freshSinceMs: number
  /** The weights that training goes on from; pairs of other weights are not on-policy. */
  readonly checkpoint: string | null
  /** Kinds that the student was shown to be able to do; pairs of others would poison it. */
  readonly doableKinds: ReadonlySet<string>
  readonly heldOutShare: number
  readonly settings: DatasetSettings
  /** The folder that holds all datasets. */
  readonly folder: string
  /** Given when the id was promised before the dataset was made. */
  readonly id?: string
  readonly random: Random
  readonly ids: Ids
  readonly clock: Clock
}

/**
 * Writes the files that a training run reads and describes them. Throws an ordinary error when an
 * example is held out or has no right to train: that must never reach this point.
 */
export async function buildDataset(input: DatasetInput): Promise<DatasetVersion> {
  for (const example of input.examples) assertTrainable(example, input)
  for (const pair of input.pairs) assertNotHeldOut(pair.id, pair.messages, input)
  const examples = selectExamples(input.examples, input)
  const pairs = selectPairs(input.pairs, input)
  const sft = toJsonLines(
    examples.map(({ messages, answer }) => ({
      messages: toRows(messages),
      completion: answer,
    })),
  )
  const preferences =
    pairs === null
      ? null
      : toJsonLines(
          pairs.map(({ messages, chosen, rejected }) => ({
            messages: toRows(messages),
            chosen,
            rejected,
          })),
        )
  const id = input.id ?? input.ids.next('ds')
  const sftPath = join(input.folder, id, 'sft.jsonl')
  const preferencesPath = preferences === null ? null : join(input.folder, id, 'pairs.jsonl')
  await writeFileAtomically(sftPath, sft)
  if (preferences !== null && preferencesPath !== null) {
    await writeFileAtomically(preferencesPath, preferences)
  }
  return {
    id,
    agent: input.agent,
    hash: createHash('sha256')
      .update(sft)
      .update('\0')
      .update(preferences ?? '')
      .digest('hex'),
    sftPath,
    preferencesPath,
    counts: {
      examples: examples.length,
      replayed: examples.filter(({ createdAtMs }) => createdAtMs <= input.freshSinceMs).length,
      pairs: pairs?.length ?? 0,
      byKind: countBy(examples, ({ kind }) => kind),
      byRight: countBy(examples, ({ right }) =>
        right === null ? 'none' : `${right.model} (${right.distillable}, ${right.basis})`,
      ),
    },
    createdAtMs: input.clock.now(),
  }
}

function assertTrainable(example: Example, input: DatasetInput): void {
  if (example.use !== 'train' || example.right === null) {
    throw new Error(`Example ${example.id} may not be trained on`)
  }
  if (example.agent !== input.agent) {
    throw new Error(`Example ${example.id} is ${example.agent}'s, not ${input.agent}'s`)
  }
  assertNotHeldOut(example.id, example.messages, input)
}

function assertNotHeldOut(id: string, messages: readonly ChatMessage[], input: DatasetInput): void {
  if (isHeldOut(fingerprintOf(input.agent, messages), input.heldOutShare)) {
    throw new Error(`The task of ${id} is held out and must not be trained on`)
  }
}

function toRows(messages: readonly ChatMessage[]) {
  return messages.map((message) => ({
    role: message.role === 'developer' ? 'system' : message.role,
    content: textOfMessage(message),
  }))
}

/** Sorted, so that equal data has equal bytes; the trainer shuffles by its seed. */
function toJsonLines(rows: readonly unknown[]): string {
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`)
  return lines.toSorted().join('')
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1
  return counts
}
