import { parentPort } from 'node:worker_threads'
import { answerSignalNames } from './answer-signals.ts'
import { CascadeScorer } from './cascade-scorer.ts'
import type { CascadeLabel, CascadeScorerState } from './cascade-scorer.ts'

export type FitRequest = { readonly fit: number; readonly labels: readonly CascadeLabel[] }

export type FitReply =
  | { readonly fit: number; readonly state: CascadeScorerState }
  | { readonly fit: number; readonly problem: string }

const port = parentPort
if (port === null) throw new Error('fit-worker.ts runs in a worker only')

port.on('message', ({ fit, labels }: FitRequest) => {
  const reply = answerTo(fit, labels)
  port.postMessage(reply, 'state' in reply ? [...buffersIn(reply.state)] : [])
})

function answerTo(fit: number, labels: readonly CascadeLabel[]): FitReply {
  try {
    return { fit, state: CascadeScorer.fit(labels, answerSignalNames).state() }
  } catch (error) {
    return { fit, problem: String(error) }
  }
}

/** What can be handed over instead of copied: the weights are megabytes. */
function buffersIn(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer)
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) buffersIn(inner, found)
  }
  return found
}
