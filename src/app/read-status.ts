import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidRequestError, NotReadyError } from '../kernel/errors.ts'
import { VillageStatus } from '../http/contract.ts'
import { defaultHome, readSettings } from './home-folder.ts'

/** Asks the running village for its status. Throws `NotReadyError` when none answers. */
export async function readStatus(environment: NodeJS.ProcessEnv): Promise<VillageStatus> {
  return VillageStatus.parse(await askVillage(environment, 'village/status'))
}

/**
 * What the running village answers to a request with the owner's key; a body is posted. Throws
 * `NotReadyError` when none answers, `InvalidRequestError` with its words when it refuses.
 */
export async function askVillage(
  environment: NodeJS.ProcessEnv,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const home = defaultHome(environment)
  const settings = readSettings(join(home, 'village.json'))
  const port = environment['VILLAGE_PORT'] ?? String(settings.server.port)
  const host = environment['VILLAGE_HOST'] ?? settings.server.host
  const url = `http://${host}:${port}/${path}`
  const keyFile = join(home, 'owner-key')
  const key =
    environment['VILLAGE_KEY'] ??
    (existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : undefined)
  if (key === undefined) {
    throw new NotReadyError(`There is no key in ${keyFile}. Start the village, or set VILLAGE_KEY.`)
  }
  const response = await fetch(url, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new NotReadyError(`No village answers at ${url}. Start it with \`npm start\`.`, { cause })
  })
  if (response.ok) return response.json()
  const problem = (await response.json().catch(() => null)) as {
    error?: { message?: string }
  } | null
  const message = problem?.error?.message ?? `it answered with status ${response.status}`
  if (response.status === 400) throw new InvalidRequestError(message)
  throw new NotReadyError(`The village at ${url} cannot do this: ${message}`)
}
