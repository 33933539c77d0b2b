import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { inProject } from './paths.mjs'
import { say } from './setup-problem.mjs'

const pollMs = 500

/**
 * Runs `work` while no other process sets up the same part. The lock of a process that has died
 * is taken over.
 * @template Result
 * @param {string} name
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withSetupLock(name, work) {
  const path = inProject(`.${name}.lock`)
  let told = false
  while (!tryToLock(path)) {
    const owner = ownerOf(path)
    if (owner === null || !isAlive(owner)) {
      rmSync(path, { force: true })
      continue
    }
    if (!told) say(`Waiting for another setup of ${name} (process ${owner})`)
    told = true
    await sleep(pollMs)
  }
  const unlock = () => rmSync(path, { force: true })
  process.once('exit', unlock)
  process.once('SIGTERM', exitOnSignal)
  process.once('SIGINT', exitOnSignal)
  try {
    return await work()
  } finally {
    process.off('exit', unlock)
    process.off('SIGTERM', exitOnSignal)
    process.off('SIGINT', exitOnSignal)
    unlock()
  }
}

/** An ordinary exit ends what was started and unlocks; the next setup goes on from there. */
function exitOnSignal(signal) {
  process.exit(128 + constants.signals[signal])
}

function tryToLock(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function ownerOf(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? pid : null
  } catch {
    return null
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
