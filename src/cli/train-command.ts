import { SingleBar } from 'cli-progress'
import { trainOnce } from '../app.ts'
import type { AgentName } from '../kernel/agent-name.ts'

export async function trainCommand(agent: AgentName): Promise<void> {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {phase} loss {loss}',
    stream: process.stderr,
    hideCursor: true,
  })
  bar.start(1, 0, { phase: 'starting', loss: '–' })
  const run = await trainOnce({
    environment: process.env,
    agent,
    onLearning: (event) => {
      if (event.type !== 'run' || event.run.maxSteps === 0) return
      const { step, maxSteps, phase, metrics } = event.run
      bar.setTotal(maxSteps)
      bar.update(step, { phase, loss: metrics['loss']?.toFixed(3) ?? '–' })
    },
  }).finally(() => bar.stop())
  console.log(`${run.status}: ${run.reason ?? `checkpoint ${run.checkpointHash ?? ''}`}`)
  if (run.status === 'failed') process.exitCode = 1
}
