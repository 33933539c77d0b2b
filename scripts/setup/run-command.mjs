import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { projectFolder } from './paths.mjs'

/**
 * Runs a command to its end and gives its exit code and last lines; every line of its output is
 * handed to `onLine`. A command that is not there has the exit code 127.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} [options]
 * @returns {Promise<{ code: number, tail: string, stdout: string }>}
 */
export function runCommand(command, args, options = {}) {
  const { cwd = projectFolder, env = process.env, onLine = () => {} } = options
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const stop = () => child.kill('SIGTERM')
    process.once('exit', stop)
    const lines = []
    let stdout = ''
    child.stdout.on('data', (piece) => {
      stdout += piece
    })
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        if (lines.length > 30) lines.shift()
        onLine(line)
      })
    }
    const end = (code) => {
      process.off('exit', stop)
      resolve({ code, tail: lines.join('\n'), stdout })
    }
    child.once('error', () => end(127))
    child.once('close', (code) => end(code ?? 1))
  })
}

/**
 * Runs a command whose output goes straight to the terminal; gives its exit code.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function runVisibly(command, args, options = {}) {
  const { cwd = projectFolder, env = process.env } = options
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`)
      resolve(127)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
}
