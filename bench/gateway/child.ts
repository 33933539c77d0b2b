import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** A Python gateway takes its time. */
const longestStartMs = 180_000

export type Child = {
  /** The first line that it printed, as JSON; empty for a program that is not ours. */
  readonly said: Readonly<Record<string, unknown>>
  readonly pid: number
  stop(): Promise<void>
}

/** Starts a program of the bench with this Node and waits for its first line of JSON. */
export async function startChild(
  script: string,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<Child> {
  const child = spawnChild(process.execPath, [...nodeFlags, script, ...args], 'pipe')
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const line = await Promise.race([once(lines, 'line'), once(child, 'exit')])
  if (typeof line[0] !== 'string') throw new Error(`${script} ended before it was ready`)
  return {
    said: JSON.parse(line[0]) as Record<string, unknown>,
    pid: child.pid ?? 0,
    stop: () => stopProcess(child),
  }
}

/** Starts a server that says nothing we could wait for, and waits until its port answers. */
export async function startServerOnPort(
  program: string,
  args: readonly string[],
  readyUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Child> {
  const child = spawnChild(program, args, 'ignore', environment)
  const giveUpAtMs = Date.now() + longestStartMs
  while (!(await answers(readyUrl))) {
    if (child.exitCode !== null || Date.now() > giveUpAtMs) {
      await stopProcess(child)
      throw new Error(`${program} ${args.join(' ')} did not answer at ${readyUrl}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { said: {}, pid: child.pid ?? 0, stop: () => stopProcess(child) }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}

function spawnChild(
  program: string,
  args: readonly string[],
  stdout: 'pipe' | 'ignore',
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const env = { ...process.env, ...environment }
  const child = spawn(program, args, { stdio: ['ignore', stdout, 'inherit'], env })
  const endWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', endWithUs)
  child.once('exit', () => process.off('exit', endWithUs))
  return child
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const forced = setTimeout(() => child.kill('SIGKILL'), 3000)
  await ended
  clearTimeout(forced)
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer()
    return true
  } catch {
    return false
  }
}
