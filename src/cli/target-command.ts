import { Argument, InvalidArgumentError, type Command } from 'commander'
import { changeTarget, readStatus } from '../app.ts'
import { agentNames, type AgentName } from '../kernel/agent-name.ts'

type TargetOptions = {
  readonly alpha?: number
  readonly delta?: number
  readonly budgetUsdPerDay?: number
  readonly latencyMs?: number
  readonly json?: true
}

/** `village target [agent]`: what the agents' routing is to reach. */
export function addTargetCommand(program: Command): void {
  program
    .command('target')
    .description('show what the routing of the agents is to reach, or set it for one of them')
    .addArgument(new Argument('[agent]', 'whose routing').choices(agentNames))
    .option('--alpha <share>', 'at most this share of the local answers may be lost', positive)
    .option('--delta <chance>', 'chance that a certificate says so wrongly', positive)
    .option(
      '--budget-usd-per-day <amount>',
      'what the agent may spend; bounds no quality',
      positive,
    )
    .option('--latency-ms <time>', 'what answers may take on average; bounds no quality', positive)
    .option('--json', 'print everything as JSON')
    .action(target)
}

async function target(agent: AgentName | undefined, options: TargetOptions): Promise<void> {
  const { json, ...wish } = options
  if (agent !== undefined && Object.keys(wish).length > 0) {
    const { words, isRunning } = await changeTarget(process.env, agent, wish)
    if (json === true) console.log(JSON.stringify({ agent, target: words, isRunning }))
    else console.log(`${agent}: ${words}${isRunning ? '' : ' (from the next start on)'}.`)
    return
  }
  const { agents } = await readStatus(process.env)
  const shown = agents.filter(({ name }) => agent === undefined || name === agent)
  if (json === true) {
    console.log(JSON.stringify(Object.fromEntries(shown.map((one) => [one.name, one.target]))))
    return
  }
  for (const { name, target: known, threshold, localShare } of shown) {
    const share = localShare === null ? 'nothing' : `${(100 * localShare).toFixed(1)} %`
    console.log(`${name}: ${known.words}; threshold ${threshold.toFixed(2)}, ${share} local.`)
    if (known.unmet !== null) console.log(`  It cannot be met: ${known.unmet}`)
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}
