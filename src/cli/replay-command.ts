import { InvalidArgumentError, type Command } from 'commander'
import { renderTable, replayablePolicies, replayPolicies } from '../app.ts'
import type { PolicyName, ReplayedPolicyRow } from '../app.ts'

type ReplayCommandOptions = {
  readonly policy: readonly PolicyName[]
  readonly tasks?: number
  readonly alpha?: number
  readonly json?: true
}

/** `village replay --policy …`: what another policy would have cost and lost on the recorded traffic. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('score other routing policies on the recorded traffic')
    .requiredOption(
      '--policy <names>',
      `with commas between: ${replayablePolicies.join(', ')}, threshold=X`,
      policiesOf,
    )
    .option('--tasks <count>', 'the newest so many tasks', positive)
    .option(
      '--alpha <share>',
      'of the policy certified; that of village.json when left out',
      positive,
    )
    .option('--json', 'print everything as JSON')
    .action(replay)
}

async function replay(options: ReplayCommandOptions): Promise<void> {
  const rows = await replayPolicies(process.env, {
    policies: options.policy,
    ...(options.tasks !== undefined && { tasks: options.tasks }),
    ...(options.alpha !== undefined && { alpha: options.alpha }),
  })
  if (options.json === true) {
    console.log(JSON.stringify(rows, null, 2))
    return
  }
  console.log(
    renderTable([
      [
        'policy',
        'tasks',
        'local',
        'cost',
        'of always',
        'lost of local',
        'by weights',
        'lost of all',
        'labels',
      ],
      ...rows.map(lineOf),
    ]),
  )
  console.log('\nLosses with 95 % intervals, from the tasks whose local answers were compared.')
}

function lineOf(row: ReplayedPolicyRow): readonly string[] {
  return [
    row.policy,
    String(row.tasks),
    percent(row.localShare),
    `$${row.costUsd.toFixed(4)}`,
    row.costRatio === null ? '–' : percent(row.costRatio),
    interval(row.lossOfLocal),
    interval(row.lossOfLocalByWeights),
    interval(row.lossOfAll),
    row.effectiveLabels.toFixed(0),
  ]
}

function interval(estimate: ReplayedPolicyRow['lossOfLocal']): string {
  if (estimate === null) return '–'
  const { value, low, high } = estimate
  return `${percent(value)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function policiesOf(text: string): readonly PolicyName[] {
  return text.split(',').map((part): PolicyName => {
    const name = part.trim()
    const known = replayablePolicies.find((one) => one === name)
    if (known !== undefined) return known
    const threshold = /^threshold=(0?\.\d+|[01])$/.exec(name)?.[1]
    if (threshold !== undefined) return `threshold=${Number(threshold)}`
    throw new InvalidArgumentError(
      `"${name}" is no policy: ${replayablePolicies.join(', ')}, or threshold=X with X from 0 to 1.`,
    )
  })
}

function positive(text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}
