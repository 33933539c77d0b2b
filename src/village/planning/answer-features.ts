import type { ChatMessage } from '../../kernel/chat.ts'
import type { CodeRunner } from '../../kernel/code-runner.ts'
import type { TaskVerifier } from '../../kernel/task.ts'
import { answerSignals } from '../../routing/answer-signals.ts'
import { readableText } from '../../routing/features.ts'
import { profileOf } from '../../routing/text-profile.ts'
import type { TextProfile } from '../../routing/text-profile.ts'
import type { SeenAnswer } from './seen-answer.ts'

/** A local answer as the scorer sees it. */
export type AnswerFeatures = { readonly answer: TextProfile; readonly signals: Float32Array }

/**
 * Tests of the task are run where the whole answer is there. `peers` are further samples, or what
 * other local models say.
 */
export async function answerFeatures(
  task: { readonly messages: readonly ChatMessage[]; readonly verifier: TaskVerifier | null },
  seen: SeenAnswer,
  parts: { readonly codeRunner: CodeRunner; readonly peers: readonly string[] },
): Promise<AnswerFeatures> {
  const { text, isWhole, isCutOff, meanLogProbability, leastLogProbability } = seen
  const testsPassed =
    task.verifier === null || !isWhole
      ? null
      : (await parts.codeRunner.run(text, task.verifier)).passed
  return {
    answer: profileOf(text),
    signals: answerSignals({
      prompt: readableText(task.messages),
      answer: text,
      peers: parts.peers,
      confidence: probabilityOf(meanLogProbability),
      leastConfidence: probabilityOf(leastLogProbability),
      isWhole,
      isCutOff,
      testsPassed,
    }),
  }
}

function probabilityOf(logProbability: number | null): number | null {
  return logProbability === null ? null : Math.exp(logProbability)
}
