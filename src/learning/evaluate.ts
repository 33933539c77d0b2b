import type { ModelAnswer } from '../kernel/chat.ts'
import type { CodeRunner } from '../kernel/code-runner.ts'
import type { Example } from '../kernel/dataset.ts'
import { ModelCallError } from '../kernel/errors.ts'
import type { ModelAdapter } from '../kernel/model-adapter.ts'
import { compareAnswers } from './compare-answers.ts'
import type { ExaminedAnswer, TaskResult } from './gate.ts'
import { fingerprintOf } from './held-out.ts'
import type { EvaluationSettings } from './learning-settings.ts'

/** A model in the serving runtime; `checkpoint` is null for the bare student. */
type Examinee = { readonly adapter: ModelAdapter; readonly checkpoint: string | null }

/** Verdicts of earlier examinations, by checkpoint and example: weights do not change. */
export type ExaminationCache = Map<string, Examined>

type Examined = { readonly right: boolean; readonly answer: ExaminedAnswer }

const cachedVerdicts = 5000
const triesPerCall = 3

export type Examination = {
  readonly candidate: Examinee
  readonly serving: Examinee
  readonly examples: readonly Example[]
  readonly codeRunner: CodeRunner
  readonly settings: EvaluationSettings
  readonly cache: ExaminationCache
  readonly signal: AbortSignal
}

/** Gives the same held-out tasks to both models, at temperature 0, and says who was right. */
export async function examine(examination: Examination): Promise<readonly TaskResult[]> {
  const examples = selectHeldOut(examination.examples, examination.settings)
  const results: TaskResult[] = []
  const waiting = examples.entries()
  const work = async (): Promise<void> => {
    for (const [index, example] of waiting) {
      examination.signal.throwIfAborted()
      const serving = await answerOf(example, examination.serving, examination)
      const candidate = await answerOf(example, examination.candidate, examination)
      results[index] = {
        exampleId: example.id,
        kind: example.kind,
        candidateRight: candidate.right,
        servingRight: serving.right,
        candidateAnswer: candidate.answer,
        servingAnswer: serving.answer,
      }
    }
  }
  await Promise.all(Array.from({ length: examination.settings.concurrency }, work))
  return results
}

/** The newest tasks of every kind, in turns, so that no kind crowds out another. */
export function selectHeldOut(
  examples: readonly Example[],
  settings: EvaluationSettings,
): readonly Example[] {
  const seen = new Set<string>()
  const newestFirst = examples
    .filter(({ use }) => use === 'held-out')
    .toSorted((left, right) => right.createdAtMs - left.createdAtMs)
    .filter(({ agent, messages }) => {
      const fingerprint = fingerprintOf(agent, messages)
      return !seen.has(fingerprint) && seen.add(fingerprint)
    })
  const kinds = [...Map.groupBy(newestFirst, ({ kind }) => kind).values()]
  return Array.from({ length: settings.perKind }, (_, turn) => turn)
    .flatMap((turn) => kinds.flatMap((ofKind) => ofKind.slice(turn, turn + 1)))
    .slice(0, settings.total)
}

async function answerOf(
  example: Example,
  examinee: Examinee,
  examination: Examination,
): Promise<Examined> {
  const key = `${examinee.checkpoint ?? 'base'}:${example.id}`
  const known = examination.cache.get(key)
  if (known !== undefined) return known
  const answer = await askFor(example, examinee.adapter, examination)
  const examined = {
    right: await isAnswerRight(example, answer.text, examination.codeRunner),
    answer: {
      text: answer.text,
      isCutOff: answer.finishReason === 'length',
      meanLogProbability: answer.meanLogProbability ?? null,
      leastLogProbability: answer.leastLogProbability ?? null,
      latencyMs: answer.latencyMs,
      tokens: answer.usage.completionTokens,
    },
  }
  examination.cache.set(key, examined)
  if (examination.cache.size > cachedVerdicts) {
    const [oldest] = examination.cache.keys()
    if (oldest !== undefined) examination.cache.delete(oldest)
  }
  return examined
}

async function isAnswerRight(
  example: Example,
  answer: string,
  codeRunner: CodeRunner,
): Promise<boolean> {
  if (example.verifier !== null) return (await codeRunner.run(answer, example.verifier)).passed
  const { verdict } = await compareAnswers(
    { task: { messages: example.messages }, candidate: answer, reference: example.answer },
    codeRunner,
  )
  return verdict === 'both'
}

/** A serving process that dies is restarted by its owner: that costs a try, not the examination. */
async function askFor(
  example: Example,
  adapter: ModelAdapter,
  { settings, signal }: Examination,
): Promise<ModelAnswer> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await adapter.answer(
        {
          messages: example.messages,
          sampling: { temperature: 0, maxTokens: settings.maxTokens },
          ...(example.responseFormat !== undefined && {
            extra: { response_format: example.responseFormat },
          }),
        },
        { signal },
      )
    } catch (error) {
      const mayTryAgain = error instanceof ModelCallError && error.retryable
      if (!mayTryAgain || tried >= triesPerCall) throw error
    }
  }
}
