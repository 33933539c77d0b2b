import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { redactKeys } from './redact-keys.ts'

type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

export type LoggerSettings = {
  /** Files `village.N.log` are made here, 10 MB each, the newest eight kept. */
  readonly folder: string
  readonly level?: LogLevel
}

export type VillageLogger = {
  readonly logger: Logger
  /** Writes out what is still in memory and stops the thread that writes. */
  readonly close: () => Promise<void>
}

/** A logger to rotated files on a thread of its own. No key reaches the file, wherever it stands. */
export async function createLogger(settings: LoggerSettings): Promise<VillageLogger> {
  await mkdir(settings.folder, { recursive: true })
  const transport: ReturnType<typeof pino.transport> = pino.transport({
    target: 'pino-roll',
    options: {
      file: join(settings.folder, 'village.log'),
      size: '10m',
      mkdir: true,
      limit: { count: 8, removeOtherLogFiles: true },
    },
  })
  const logger = pino(
    { level: settings.level ?? 'info', hooks: { streamWrite: redactKeys } },
    transport,
  )
  return { logger, close: () => closeTransport(transport) }
}

async function closeTransport(transport: ReturnType<typeof pino.transport>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    transport.once('close', () => {
      resolve()
    })
  })
  transport.end()
  // The thread that writes does not keep the process alive by itself.
  const keepAlive = setInterval(() => undefined, 1_000)
  await closed
  clearInterval(keepAlive)
}
