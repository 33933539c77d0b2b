import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { InvalidRequestError } from '../kernel/errors.ts'
import { createBatchLineRunner } from '../http/batch-line.ts'
import { createServer } from '../http/server.ts'
import { demoFamilies } from '../simulation/families/demo-families.ts'
import { sendDemoTraffic } from '../simulation/demo-traffic.ts'
import { createTraffic } from '../simulation/traffic.ts'
import { createLogger } from '../telemetry/create-logger.ts'
import type { VillageSettings } from '../village/settings.ts'
import { defaultHome, readSettings, takeHomeFolder } from './home-folder.ts'
import { frontierAccess } from './frontier-access.ts'
import { openVillage } from './open-village.ts'
import type { VillageLog } from './village-log.ts'
import type { OpenVillage } from './open-village.ts'
import { ownerKey } from './owner-key.ts'
import { watchSettings } from './watch-settings.ts'
import { DemoPace, demoRequestsPerMinute, demoSenders } from './demo-pace.ts'

export type RunningVillage = {
  readonly url: string
  readonly key: string
  readonly simulated: boolean
  readonly homePath: string
  readonly village: OpenVillage
  /** Refuses new tasks, finishes those under way, and stops. */
  close(): Promise<void>
}

export type StartOptions = {
  readonly environment: NodeJS.ProcessEnv
  readonly port?: number
  readonly host?: string
  readonly seed?: number
  /** Demo tasks are sent with the simulated frontier only; false sends none. */
  readonly demoTraffic?: boolean
}

const dashboardFolder = fileURLToPath(new URL('../../dashboard/dist', import.meta.url))
const demoSeed = 1

/**
 * Connections that may wait to be taken: a crowd that comes at once to a busy village, or comes back
 * after its restart. What does not fit is dropped, and such clients see a reset a minute later.
 */
const connectionBacklog = 4096

/** Starts a whole village: frontier, local models, server and, when simulated, demo traffic. */
export async function startVillage(options: StartOptions): Promise<RunningVillage> {
  const { environment } = options
  const home = takeHomeFolder(defaultHome(environment))
  const settings = readSettings(home.settingsFile)
  const { logger, close: closeLogger } = await createLogger({ folder: home.logs })
  const frontier = await frontierAccess({
    environment,
    seed: options.seed ?? demoSeed,
    keyVariables: settings.frontier.apiKeyVariables,
  })
  const village = await openVillage({
    home,
    settings: frontier.simulated ? withDemoRate(settings) : settings,
    frontier,
    environment,
    log: logger,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  })
  const server = createServer({
    service: village.service,
    answers: village.service,
    batches: village.batches,
    access: village.access,
    status: village.status,
    trails: village.trails,
    targets: village.targets,
    ...(existsSync(dashboardFolder) ? { dashboardFolder } : {}),
    logger: logger,
    bodyLimitBytes: settings.server.bodyLimitBytes,
    clock: village.clock,
    ids: village.ids,
  })
  const url = await server.listen({
    backlog: connectionBacklog,
    host: options.host ?? environment['VILLAGE_HOST'] ?? settings.server.host,
    port: options.port ?? portFrom(environment) ?? settings.server.port,
  })
  const key = await ownerKey({
    file: home.ownerKey,
    keys: village.store.keys,
    clock: village.clock,
    ids: village.ids,
  })
  const stopWatching = watchSettings(home.settingsFile, {
    onChange: (changed) => village.applySettings(changed),
    log: logger,
  })
  await village.batchProcessor.start(
    createBatchLineRunner({
      service: village.service,
      keys: village.store.keys,
      clock: village.clock,
      ids: village.ids,
      bodyLimitBytes: settings.server.bodyLimitBytes,
      reportBug: (error) => logger.error({ err: error }, 'a line of a batch failed through a bug'),
    }),
  )
  const stopDemo = new AbortController()
  const demo =
    frontier.simulated && options.demoTraffic !== false && !hasOwnServers(settings)
      ? startDemo(village, options.seed ?? demoSeed, stopDemo.signal, logger)
      : Promise.resolve()
  return {
    url,
    key,
    simulated: frontier.simulated,
    homePath: home.path,
    village,
    close: async () => {
      stopWatching()
      stopDemo.abort(new Error('The village is stopping'))
      await demo
      await server.close()
      await village.close()
      await frontier.close()
      await closeLogger()
    },
  }
}

function startDemo(
  village: OpenVillage,
  seed: number,
  signal: AbortSignal,
  log: VillageLog,
): Promise<void> {
  const pace = new DemoPace()
  const now = () => ({ training: village.cycle.currentRun !== null })
  return sendDemoTraffic({
    service: village.village,
    traffic: createTraffic({ seed: seed + village.tasksSoFar(), families: demoFamilies }),
    signal,
    concurrency: demoSenders,
    pauseMs: () => pace.pauseMs(now()),
    onTask: () => pace.noteTask(now()),
    sleep: (durationMs, abort) => village.clock.sleep(durationMs, abort),
    onError: (error) => log.warn({ err: error }, 'a demo task failed'),
  })
}

/** Invented tasks have no business on somebody's real machines. */
function hasOwnServers(settings: VillageSettings): boolean {
  return Object.keys(settings.servers).length > 0
}

/** The limit of the real provider would make the demo last an hour; the simulated one has none. */
function withDemoRate(settings: VillageSettings): VillageSettings {
  return {
    ...settings,
    frontier: { ...settings.frontier, requestsPerMinute: demoRequestsPerMinute },
  }
}

function portFrom(environment: NodeJS.ProcessEnv): number | undefined {
  const text = environment['VILLAGE_PORT']
  if (text === undefined || text === '') return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidRequestError(
    `VILLAGE_PORT must be a port number from 0 to 65535, not "${text}".`,
  )
}
