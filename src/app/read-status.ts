import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NotReadyError } from '../kernel/errors.ts'
import { VillageStatus } from '../http/contract.ts'
import { defaultHome, readSettings } from './home-folder.ts'

/** Asks the running village for its status. Throws `NotReadyError` when none answers. */
export async function readStatus(environment: NodeJS.ProcessEnv): Promise<VillageStatus> {
  const home = defaultHome(environment)
  const settings = readSettings(join(home, 'village.json'))
  const port = environment['VILLAGE_PORT'] ?? String(settings.server.port)
  const host = environment['VILLAGE_HOST'] ?? settings.server.host
  const url = `http://${host}:${port}/village/status`
  const keyFile = join(home, 'owner-key')
  const key =
    environment['VILLAGE_KEY'] ??
    (existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : undefined)
  if (key === undefined) {
    throw new NotReadyError(`There is no key in ${keyFile}. Start the village, or set VILLAGE_KEY.`)
  }
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } }).catch(
    (cause: unknown) => {
      throw new NotReadyError(`No village answers at ${url}. Start it with \`npm start\`.`, {
        cause,
      })
    },
  )
  if (!response.ok) {
    throw new NotReadyError(`The village at ${url} answered with status ${response.status}.`)
  }
  return VillageStatus.parse(await response.json())
}
