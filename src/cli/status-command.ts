import { readStatus } from '../app.ts'

/** A few lines for a person, or everything as JSON. */
export async function statusCommand(options: { readonly json?: true }): Promise<void> {
  const status = await readStatus(process.env)
  if (options.json === true) {
    console.log(JSON.stringify(status, null, 2))
    return
  }
  const { totals } = status
  console.log(
    [
      status.simulated ? 'SIMULATED frontier and demo traffic' : 'Frontier: OpenRouter',
      `Now: ${status.loop.stage}${status.loop.agent === null ? '' : ` (${status.loop.agent})`} ${status.loop.detail}`,
      `Trainer: ${status.trainer.state}. ${status.trainer.detail}`,
      `Tasks: ${totals.tasks}, served locally: ${totals.localTasks}`,
      `Spent $${totals.costUsd.toFixed(4)}, always-frontier $${totals.alwaysFrontierCostUsd.toFixed(4)}, saved $${totals.savedUsd.toFixed(4)}`,
      '',
      ...status.agents.map(
        (agent) =>
          `${agent.name}: local share ${percent(agent.localShare)}, quality ${percent(agent.localQuality)}, threshold ${agent.threshold.toFixed(2)}, checkpoint ${agent.checkpoint?.hash.slice(0, 10) ?? 'none'}, ${agent.examplesUntilTraining} examples until training`,
      ),
    ].join('\n'),
  )
}

function percent(share: number | null): string {
  return share === null ? 'not measured' : `${(share * 100).toFixed(1)} %`
}
