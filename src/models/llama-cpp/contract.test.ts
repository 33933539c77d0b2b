import { describeModelAdapter } from '../contract.ts'
import { startTestStudent } from './test-student.ts'

describeModelAdapter('llama.cpp with the tiny student', async () => {
  const local = await startTestStudent()
  const stopped = await startTestStudent()
  await stopped.close()
  const adapter = local.forAgent('king')
  return {
    adapter,
    longPrompt: 'repeat: Our uncle painted one small boat near the river.',
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
    unicode: { prompt: 'repeat: Grüße, 世界! 🏡', answerHolds: 'Gr' },
    failing: stopped.forAgent('king'),
    slow: adapter,
    close: () => local.close(),
  }
})
