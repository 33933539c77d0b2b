import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { NotReadyError } from '../kernel/errors.ts'

export type SimulatedFrontier = {
  /** Base URL in the form of the provider's, ending in /api/v1. */
  readonly baseUrl: string
  /** Any key is taken; this one is no word, because keys are blotted out of messages. */
  readonly apiKey: string
  /** Where faults are ordered, for tests. */
  readonly controlUrl: string
  readonly processId: number
  close(): Promise<void>
}

const program = fileURLToPath(new URL('../simulation/openrouter/main.ts', import.meta.url))

/** Starts the simulated OpenRouter as a process of its own; it ends with its parent. */
export async function startSimulatedFrontier(options: {
  readonly seed: number
  readonly latency: 'real' | 'counted'
  /** A module that exports more families for it to solve. */
  readonly familiesModule?: string
}): Promise<SimulatedFrontier> {
  const args = ['--port', '0', '--seed', String(options.seed), '--latency', options.latency]
  if (options.familiesModule !== undefined) args.push('--families', options.familiesModule)
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { url, controlUrl } = await firstLine(child)
  return {
    baseUrl: url,
    apiKey: 'sk-of-the-simulation',
    controlUrl,
    processId: child.pid ?? 0,
    close: () => stop(child),
  }
}

type Listening = { readonly url: string; readonly controlUrl: string }

function firstLine(child: ChildProcess): Promise<Listening> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new TypeError('The simulated OpenRouter has no output')
    const lines = createInterface({ input: child.stdout })
    lines.once('line', (line) => resolve(JSON.parse(line) as Listening))
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new NotReadyError(`The simulated OpenRouter ended at its start with code ${code}`)),
    )
  })
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve()
      return
    }
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
