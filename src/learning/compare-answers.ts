import type { ChatMessage } from '../kernel/chat.ts'
import type { CodeRunner } from '../kernel/code-runner.ts'
import { isGoodEnough } from '../kernel/comparison.ts'
import type { ComparisonMethod, SecondOpinion, Verdict } from '../kernel/comparison.ts'
import type { TaskVerifier } from '../kernel/task.ts'
import { equalJson, parseJsonAnswer } from './same-json.ts'
import { equalNumbers, parseNumberAnswer } from './same-number.ts'
import { normaliseAnswer } from './same-text.ts'

export type AnswerPair = {
  readonly task: {
    readonly messages: readonly ChatMessage[]
    readonly verifier?: TaskVerifier | null | undefined
    /** Tasks of one sort: what was learnt of answers to some of them holds for the others. */
    readonly group?: string
  }
  readonly candidate: string
  readonly reference: string
}

/** Says who is right, or null where it cannot tell. */
export type AnswerComparator = {
  readonly method: Exclude<ComparisonMethod, 'feedback'>
  compare(pair: AnswerPair): Promise<Verdict | null>
}

export type AnswerComparison = {
  readonly method: AnswerComparator['method']
  readonly verdict: Verdict
  /** What other comparators said that saw it otherwise. The verdict is not changed by them. */
  readonly secondOpinions?: readonly SecondOpinion[]
}

/**
 * Compares two answers to one task. The first that can tell decides: the task's tests, equality as
 * JSON, as numbers, as text, and then `forFreeText` in their order (meaning, a judge). Where nobody
 * can, the reference is presumed right, so that different answers count against the candidate.
 */
export async function compareAnswers(
  pair: AnswerPair,
  codeRunner: CodeRunner,
  forFreeText: readonly AnswerComparator[] = [],
): Promise<AnswerComparison> {
  const opinions: SecondOpinion[] = []
  const tested = await testedVerdict(pair, codeRunner)
  if (tested !== null) opinions.push({ method: 'unit-tests', verdict: tested })
  const same = sameness(pair)
  if (same !== null) opinions.push(same)
  if (opinions.length === 0) {
    for (const comparator of forFreeText) {
      const verdict = await comparator.compare(pair)
      if (verdict !== null) opinions.push({ method: comparator.method, verdict })
    }
  }
  const [decisive, ...others] = opinions
  if (decisive === undefined) return { method: 'exact', verdict: 'reference-only' }
  const secondOpinions = others.filter(
    ({ verdict }) => isGoodEnough(verdict) !== isGoodEnough(decisive.verdict),
  )
  return secondOpinions.length === 0 ? decisive : { ...decisive, secondOpinions }
}

async function testedVerdict(
  { task, candidate, reference }: AnswerPair,
  codeRunner: CodeRunner,
): Promise<Verdict | null> {
  const { verifier } = task
  if (verifier === undefined || verifier === null) return null
  const [candidateRun, referenceRun] = await Promise.all([
    codeRunner.run(candidate, verifier),
    codeRunner.run(reference, verifier),
  ])
  return verdictOf(candidateRun.passed, referenceRun.passed)
}

/** Texts that differ say nothing by themselves: what they mean may be the same. */
function sameness({ candidate, reference }: AnswerPair): SecondOpinion | null {
  if (normaliseAnswer(candidate) === normaliseAnswer(reference)) {
    return { method: methodOf(candidate), verdict: 'both' }
  }
  const candidateJson = parseJsonAnswer(candidate)
  const referenceJson = parseJsonAnswer(reference)
  if (candidateJson !== undefined && referenceJson !== undefined) {
    return { method: 'json', verdict: presumed(equalJson(candidateJson, referenceJson)) }
  }
  const candidateNumber = parseNumberAnswer(candidate)
  const referenceNumber = parseNumberAnswer(reference)
  if (candidateNumber === null || referenceNumber === null) return null
  return { method: 'numeric', verdict: presumed(equalNumbers(candidateNumber, referenceNumber)) }
}

function methodOf(answer: string): 'json' | 'exact' {
  return parseJsonAnswer(answer) === undefined ? 'exact' : 'json'
}

function presumed(equal: boolean): Verdict {
  return equal ? 'both' : 'reference-only'
}

function verdictOf(candidateRight: boolean, referenceRight: boolean): Verdict {
  if (candidateRight) return referenceRight ? 'both' : 'local-only'
  return referenceRight ? 'reference-only' : 'neither'
}
