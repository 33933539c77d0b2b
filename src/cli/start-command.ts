import { once } from 'node:events'
import { startVillage } from '../app.ts'
import { startBanner } from './start-banner.ts'

/** Runs until Ctrl-C or SIGTERM; a second one stops at once. */
export async function startCommand(options: {
  readonly port?: number
  readonly host?: string
  readonly demo: boolean
}): Promise<void> {
  const stopRequested = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const running = await startVillage({
    environment: process.env,
    demoTraffic: options.demo,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.host === undefined ? {} : { host: options.host }),
  })
  console.log(startBanner({ ...running, demo: options.demo }))
  await stopRequested
  console.log('\nStopping: finishing what is under way …')
  const stopNow = (): void => process.exit(130)
  process.once('SIGINT', stopNow)
  process.once('SIGTERM', stopNow)
  await running.close()
  console.log('Stopped. Everything is saved.')
  process.exit(0)
}
