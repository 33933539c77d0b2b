import type { AgentName } from '../kernel/agent-name.ts'
import type { ChatMessage } from '../kernel/chat.ts'
import { noUsage } from '../kernel/chat.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Comparison } from '../kernel/comparison.ts'
import type { Example, PreferencePair } from '../kernel/dataset.ts'
import type { Interaction } from '../kernel/interaction.ts'
import type { ModelDescription } from '../kernel/model-adapter.ts'
import type { PicoUsdPerToken } from '../kernel/money.ts'
import type { Task } from '../kernel/task.ts'
import { fingerprintOf, isHeldOut } from './held-out.ts'

/** Records for the tests of this folder; what a test is about it states itself. */
export function userMessage(content: string): readonly ChatMessage[] {
  return [{ role: 'user', content }]
}

/** The first `count` texts whose tasks are (not) held out, in a fixed order. */
export function tasksFor(use: 'train' | 'held-out', count: number, agent: AgentName = 'king') {
  const texts: string[] = []
  for (let number = 0; texts.length < count; number += 1) {
    const text = `${use} task ${number}`
    const heldOut = isHeldOut(fingerprintOf(agent, userMessage(text)))
    if (heldOut === (use === 'held-out')) texts.push(text)
  }
  return texts
}

export function taskOf(text: string, change: Partial<Task> = {}): Task {
  const messages = userMessage(text)
  return {
    id: `task_${text}`,
    agent: 'king',
    kind: 'triage',
    request: { messages, sampling: {} },
    requestedModel: 'village',
    fingerprint: fingerprintOf('king', messages),
    receivedAtMs: 1,
    ...change,
  }
}

export function interactionOf(answer: string, change: Partial<Interaction> = {}): Interaction {
  return {
    id: `int_${answer}`,
    taskId: 'task_1',
    agent: 'king',
    purpose: 'serve',
    model: 'maker/frontier',
    modelKind: 'frontier',
    checkpoint: null,
    messages: [],
    sampling: {},
    answer,
    finishReason: 'stop',
    usage: noUsage,
    latencyMs: 1,
    retries: 0,
    streamed: false,
    error: null,
    simulated: false,
    generationId: null,
    startedAtMs: 1,
    ...change,
  }
}

export function descriptionOf(distillable: ModelDescription['distillable']): ModelDescription {
  return {
    id: `maker/${distillable}`,
    kind: 'frontier',
    contextLength: 8192,
    price: { prompt: 0 as PicoUsdPerToken, completion: 0 as PicoUsdPerToken },
    distillable,
    supportedParameters: [],
    inputModalities: ['text'],
    simulated: false,
  }
}

export function comparisonOf(change: Partial<Comparison> = {}): Comparison {
  return {
    id: 'cmp_1',
    taskId: 'task_1',
    agent: 'king',
    kind: 'triage',
    candidateInteractionId: 'int_local',
    referenceInteractionId: 'int_frontier',
    checkpoint: 'now',
    method: 'exact',
    source: 'shadow',
    verdict: 'reference-only',
    probability: 1,
    comparedAtMs: 1,
    ...change,
  }
}

export function exampleOf(text: string, change: Partial<Example> = {}): Example {
  return {
    id: `ex_${text}`,
    taskId: `task_${text}`,
    agent: 'king',
    kind: 'triage',
    messages: userMessage(text),
    answer: `answer to ${text}`,
    interactionId: 'int_1',
    verifier: null,
    use: 'train',
    right: { model: 'maker/teacher', distillable: 'yes', basis: 'models-list' },
    vouchedBy: 'frontier',
    createdAtMs: 100,
    ...change,
  }
}

export function pairOf(text: string, change: Partial<PreferencePair> = {}): PreferencePair {
  return {
    id: `pair_${text}`,
    taskId: `task_${text}`,
    agent: 'king',
    kind: 'triage',
    messages: userMessage(text),
    chosen: 'right',
    rejected: 'wrong',
    comparisonId: 'cmp_1',
    checkpoint: 'now',
    right: { model: 'maker/teacher', distillable: 'yes', basis: 'models-list' },
    createdAtMs: 100,
    ...change,
  }
}

/** A clock that moves one millisecond each time it is read, and never waits. */
export function steppingClock(startMs = 1_000_000): Clock {
  let nowMs = startMs
  return {
    now: () => (nowMs += 1),
    sleep: () => Promise.resolve(),
  }
}
