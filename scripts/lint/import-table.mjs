/**
 * Who may import whom under `src/` (see docs/architecture.md). A folder may always import from
 * itself; folders that are not named here may not be imported by anyone but `app`.
 * @type {Readonly<Record<string, readonly string[] | 'all'>>}
 */
const importTable = {
  kernel: [],
  models: ['kernel'],
  agents: ['kernel'],
  routing: ['kernel'],
  learning: ['kernel'],
  safety: ['kernel'],
  serving: ['kernel'],
  store: ['kernel'],
  telemetry: ['kernel'],
  village: ['kernel', 'agents', 'routing', 'learning', 'safety', 'serving'],
  http: ['kernel', 'village'],
  simulation: ['kernel', 'village'],
  cli: ['kernel', 'app'],
  app: 'all',
  index: 'all',
}

/**
 * The rooms of `src/village/`, each with those it may import from. What stands beside the rooms may
 * import all of them, and they may take types from it.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const roomsOfVillage = {
  access: [],
  figures: [],
  planning: ['figures'],
  answering: ['access', 'planning'],
  'follow-up': ['access', 'answering', 'figures', 'planning'],
  sharing: ['follow-up', 'planning'],
}

/** The one file of the server that the dashboard may see. */
const dashboardContract = 'src/http/contract.ts'

/**
 * Why `importer` may not import `specifier`, or null when it may. Paths are relative to the
 * project, with forward slashes.
 * @param {string} importer
 * @param {string} specifier
 * @param {boolean} typesOnly
 * @returns {string | null}
 */
export function importProblem(importer, specifier, typesOnly) {
  const relative = specifier.startsWith('.')
  const from = partOf(importer)
  if (from === null) return null
  if (!relative) {
    if (from !== 'kernel' || typesOnly) return null
    return `kernel imports no package: "${specifier}"`
  }
  const target = resolvePath(importer, specifier)
  const to = partOf(target)
  if (from === to) return from === 'village' ? roomProblem(importer, target) : null
  if (from === 'dashboard') {
    if (target === dashboardContract) return null
    return `the dashboard imports nothing of the server but ${dashboardContract}, not ${target}`
  }
  const allowed = importTable[from]
  if (allowed === undefined) return `src/${from} is not in the import table`
  if (allowed === 'all') return null
  if (to !== null && allowed.includes(to)) return null
  return `${from} may import ${allowed.join(', ') || 'nothing'}, not ${to ?? target}`
}

/**
 * @param {string} importer
 * @param {string} target
 * @returns {string | null}
 */
function roomProblem(importer, target) {
  const [from, to] = [roomOf(importer), roomOf(target)]
  if (from === null || to === null || from === to) return null
  const allowed = roomsOfVillage[from]
  if (allowed === undefined) return `src/village/${from} is not among the rooms of the import table`
  if (allowed.includes(to)) return null
  return `village/${from} may import ${allowed.join(', ') || 'no other room'}, not ${to}`
}

/**
 * The folder under `src/village/`; null for what stands beside the rooms.
 * @param {string} path
 * @returns {string | null}
 */
function roomOf(path) {
  const [, , room, file] = path.split('/')
  return file === undefined ? null : (room ?? null)
}

/**
 * The folder under `src/` (or the file's name for `src/app.ts`), `dashboard`, or null for what
 * the table does not govern.
 * @param {string} path
 * @returns {string | null}
 */
function partOf(path) {
  const [top, second] = path.split('/')
  if (top === 'dashboard') return 'dashboard'
  if (top !== 'src' || second === undefined) return null
  return second.replace(/\.ts$/, '')
}

/**
 * @param {string} importer
 * @param {string} specifier
 * @returns {string}
 */
function resolvePath(importer, specifier) {
  const parts = importer.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
