import { SingleBar } from 'cli-progress'
import { renderReport, simulateVillage } from '../app.ts'

/** The progress goes to standard error, so that the report alone is on standard output. */
export async function simulateCommand(options: {
  readonly tasks: number
  readonly seed: number
  readonly home?: string
  readonly json?: true
}): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(new Error('Stopped by Ctrl-C')))
  const bar = new SingleBar({
    format: '{bar} {value}/{total} tasks · local {local} · {stage}',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    hideCursor: true,
  })
  bar.start(options.tasks, 0, { local: '–', stage: 'starting' })
  const report = await simulateVillage({
    tasks: options.tasks,
    seed: options.seed,
    signal: stop.signal,
    ...(options.home === undefined ? {} : { home: options.home }),
    onProgress: ({ answered, localShare, stage }) => {
      const local = localShare === null ? '–' : `${Math.round(localShare * 100)} %`
      bar.update(answered, { local, stage })
    },
  }).finally(() => bar.stop())
  console.log(options.json === true ? JSON.stringify(report, null, 2) : renderReport(report))
}
