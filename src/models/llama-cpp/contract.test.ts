import { describeModelAdapter } from '../contract.ts'
import { startTestStudent } from './test-student.ts'

describeModelAdapter('llama.cpp with the tiny student', async () => {
  const local = await startTestStudent()
  const stopped = await startTestStudent()
  await stopped.close()
  const adapter = local.forAgent('king')
  return {
    adapter,
    longPrompt: 'repeat: one two three four',
    differentPrompts: [
      'garden',
      'stone',
      'river',
      'mill',
      'gate',
      'window',
      'bridge',
      'harbour',
    ].map((word) => `repeat: ${word}`),
    // What the student makes of these characters is its own matter; they must not break the text.
    unicode: { prompt: 'repeat: Grüße, 世界! 🏡', answerHolds: '' },
    failing: stopped.forAgent('king'),
    slow: adapter,
    close: () => local.close(),
  }
})
