import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './scripted-village.ts'

/** The real village as a process of its own, with the simulated OpenRouter unless told otherwise. */
export type StartedVillage = AsyncDisposable & {
  /** Such as `http://127.0.0.1:4040`. */
  readonly url: string
  readonly key: string
  readonly home: string
  readonly pid: number
  /** What it has printed so far, errors included. */
  output(): string
  /** As Ctrl-C does; resolves with the exit code, or null when it had to be killed. */
  stop(): Promise<number | null>
  /** As `kill -9` does; resolves once it has ended. */
  kill(): Promise<void>
}

export type StartVillageOptions = {
  /** Kept afterwards; without it a temporary folder is used and removed. */
  readonly home?: string
  /** Written to `village.json`. */
  readonly settings?: object
  readonly environment?: Readonly<Record<string, string>>
  readonly demoTraffic?: boolean
}

/** Runs the command line as a user does, with no key of a provider in its environment. */
export const villageProgram = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

const longestStartMs = 120_000
const longestStopMs = 60_000
const lastWordOfBanner = 'Ctrl-C stops it.'

/** Resolves when the village has printed its banner. Rejects with its output when it ends before. */
export async function startVillage(options: StartVillageOptions = {}): Promise<StartedVillage> {
  const folder = options.home === undefined ? temporaryFolder() : null
  const home = options.home ?? folder?.path ?? ''
  mkdirSync(home, { recursive: true })
  if (options.settings !== undefined) {
    writeFileSync(join(home, 'village.json'), JSON.stringify(options.settings))
  }
  const demo = options.demoTraffic === true ? [] : ['--no-demo']
  const child = spawn(process.execPath, [villageProgram, 'start', '--port', '0', ...demo], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: villageEnvironment(home, options.environment),
  })
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const pieces: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => pieces.push(text))
  }
  const output = (): string => pieces.join('')
  await bannerOf(child, output)
  const stop = async (): Promise<number | null> => {
    if (isRunning(child)) child.kill('SIGINT')
    const deadline = setTimeout(() => child.kill('SIGKILL'), longestStopMs)
    const [code] = await ended
    clearTimeout(deadline)
    return code
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  return {
    url: wordAfter(output(), 'AI Village serves on'),
    key: wordAfter(output(), 'API key'),
    home,
    pid: child.pid ?? 0,
    output,
    stop,
    kill,
    [Symbol.asyncDispose]: async () => {
      await stop()
      if (folder !== null) rmSync(folder.path, { recursive: true, force: true })
    },
  }
}

/** The environment of this process without anything that would steer a village; no test waits for latencies. */
export function villageEnvironment(
  home: string,
  more: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('VILLAGE_') && !name.startsWith('OPENROUTER_'),
  )
  return {
    ...Object.fromEntries(inherited),
    VILLAGE_HOME: home,
    VILLAGE_SIMULATED_LATENCY: 'none',
    ...more,
  }
}

function bannerOf(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      clearTimeout(deadline)
      reject(new Error(`The village ${what}. It printed:\n${output()}`))
    }
    const deadline = setTimeout(() => {
      child.kill('SIGKILL')
      fail(`printed no banner within ${longestStartMs} ms`)
    }, longestStartMs)
    child.stdout?.on('data', () => {
      if (!output().includes(lastWordOfBanner)) return
      clearTimeout(deadline)
      resolve()
    })
    child.once('exit', (code) => fail(`ended with code ${code} before it served`))
    child.once('error', (error) => fail(`could not be started: ${error.message}`))
  })
}

function wordAfter(text: string, label: string): string {
  const word = new RegExp(`${label}\\s+(\\S+)`).exec(text)?.[1]
  if (word === undefined) throw new Error(`The banner has no "${label}":\n${text}`)
  return word
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}
