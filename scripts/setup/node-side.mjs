import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { inProject, projectFolder } from './paths.mjs'
import { runCommand } from './run-command.mjs'
import { withSetupLock } from './setup-lock.mjs'
import { say, SetupProblem } from './setup-problem.mjs'

const stampPath = inProject('node_modules/.village-lock-hash')
const binaries = inProject('node_modules/.bin')
const dashboardStamp = inProject('dashboard/dist/.built')
const heartbeatMs = 10_000
const neededMajor = 24

/** Brings npm packages and the dashboard's build up to date; takes a few ms when they are. */
export async function setUpNodeSide() {
  if (!packagesAreCurrent()) {
    await withSetupLock('node_modules', async () => {
      if (!packagesAreCurrent()) await installPackages()
    })
  }
  if (existsSync(inProject('dashboard/index.html')) && !dashboardIsCurrent()) {
    await withSetupLock('dashboard', async () => {
      if (!dashboardIsCurrent()) await buildDashboard()
    })
  }
}

/** The Node that npm brought, which runs the village whatever Node the machine has. */
export function villageNode() {
  const brought = join(binaries, 'node')
  if (existsSync(brought)) return brought
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath
  throw new SetupProblem(
    `npm has no Node ${neededMajor} for ${process.platform} on ${process.arch}. ` +
      `Install Node ${neededMajor} or newer and run the command again.`,
  )
}

/** The environment in which `node` is the Node that npm brought. */
export function villageEnvironment() {
  const folders = [binaries, dirname(villageNode()), process.env['PATH'] ?? '']
  return { ...process.env, PATH: folders.join(delimiter) }
}

function packagesAreCurrent() {
  const lockPath = inProject('package-lock.json')
  const hash = createHash('sha256').update(readFileSync(lockPath)).digest('hex')
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === hash) return true
  // npm writes this file last, so packages that somebody installed by hand count as well.
  const installed = inProject('node_modules/.package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockPath).mtimeMs - 1_000) {
    return false
  }
  writeFileSync(stampPath, hash)
  return true
}

async function installPackages() {
  say('Installing the npm packages of package-lock.json (about a minute)')
  const startedAt = Date.now()
  const heartbeat = setInterval(() => {
    say(`  … ${Math.round((Date.now() - startedAt) / 1000)} s, ${countPackages()} packages so far`)
  }, heartbeatMs)
  const { code, tail } = await runCommand('npm', ['ci'], { env: environmentOfNpm() })
  clearInterval(heartbeat)
  if (code === 127) throw new SetupProblem('npm was not found; it comes with Node. Install it.')
  if (code !== 0) throw new SetupProblem(`npm ci failed:\n${tail}`)
  if (!packagesAreCurrent()) throw new SetupProblem('npm ci ended without installing the packages')
  say(`npm packages installed in ${Math.round((Date.now() - startedAt) / 1000)} s`)
}

/** Without our own binaries: npm must not run on the Node that it is about to replace. */
function environmentOfNpm() {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(projectFolder))
    .join(delimiter)
  return { ...process.env, PATH: path }
}

function countPackages() {
  try {
    return readdirSync(inProject('node_modules')).length
  } catch {
    return 0
  }
}

function dashboardIsCurrent() {
  if (!existsSync(dashboardStamp)) return false
  const builtAtMs = statSync(dashboardStamp).mtimeMs
  return (
    newestMs(inProject('dashboard')) <= builtAtMs &&
    newestMs(inProject('src/http/contract.ts')) <= builtAtMs
  )
}

function newestMs(path) {
  const status = statSync(path)
  if (!status.isDirectory()) return status.mtimeMs
  let newest = 0
  for (const entry of readdirSync(path)) {
    if (entry === 'dist' || entry === 'node_modules') continue
    newest = Math.max(newest, newestMs(join(path, entry)))
  }
  return newest
}

async function buildDashboard() {
  const startedAt = Date.now()
  say('Building the dashboard')
  const { code, tail } = await runCommand('npm', ['run', 'build', '-w', 'dashboard'], {
    env: villageEnvironment(),
  })
  if (code !== 0) throw new SetupProblem(`The dashboard could not be built:\n${tail}`)
  writeFileSync(dashboardStamp, '')
  say(`Dashboard built in ${Math.round((Date.now() - startedAt) / 1000)} s`)
}
