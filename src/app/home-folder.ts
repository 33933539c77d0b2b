import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NotReadyError, InvalidRequestError } from '../kernel/errors.ts'
import { VillageSettings } from '../village/settings.ts'

/** Everything a village keeps stands in one folder. */
export type HomeFolder = {
  readonly path: string
  readonly database: string
  readonly checkpoints: string
  /** Files that clients sent, and what batches wrote. */
  readonly files: string
  readonly logs: string
  readonly ownerKey: string
  readonly settingsFile: string
  /** Gives the folder back to the next process. */
  release(): void
}

const projectFolder = fileURLToPath(new URL('../../', import.meta.url))

/** Where data lives when the operator says nothing. */
export function defaultHome(environment: NodeJS.ProcessEnv): string {
  return resolve(environment['VILLAGE_HOME'] ?? join(projectFolder, '.village'))
}

export function databaseOf(home: string): string {
  return join(home, 'village.db')
}

export function ownerKeyFileOf(home: string): string {
  return join(home, 'owner-key')
}

/** Makes the folder if need be and takes it: two villages never share one. */
export function takeHomeFolder(path: string): HomeFolder {
  mkdirSync(path, { recursive: true })
  const lock = join(path, 'village.pid')
  const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : null
  if (holder !== null && holder !== process.pid && isAlive(holder)) {
    throw new NotReadyError(
      `The folder ${path} is in use by the village with process id ${holder}. Stop it first, or set VILLAGE_HOME to another folder.`,
    )
  }
  writeFileSync(lock, String(process.pid))
  const checkpoints = join(path, 'checkpoints')
  mkdirSync(checkpoints, { recursive: true })
  return {
    path,
    database: databaseOf(path),
    checkpoints,
    files: join(path, 'files'),
    logs: join(path, 'logs'),
    ownerKey: ownerKeyFileOf(path),
    settingsFile: join(path, 'village.json'),
    release: () => rmSync(lock, { force: true }),
  }
}

/** Reads `village.json`. Throws with the place and the reason when it says something unknown. */
export function readSettings(file: string): VillageSettings {
  if (!existsSync(file)) return VillageSettings.parse({})
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new InvalidRequestError(`${file} is not valid JSON: ${(error as Error).message}`)
  }
  const parsed = VillageSettings.safeParse(content)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`,
  )
  throw new InvalidRequestError(`${file} cannot be used: ${problems.join('; ')}`)
}

/** Does a village that is alive hold the folder? */
export function isHeld(path: string): boolean {
  const lock = join(path, 'village.pid')
  return existsSync(lock) && isAlive(Number(readFileSync(lock, 'utf8')))
}

function isAlive(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return false
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
