import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, startChild, startServerOnPort, type Child } from './child.ts'

export type ContenderName = 'upstream' | 'bare proxy' | 'portkey' | 'village'

export type Contender = {
  readonly name: ContenderName
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export type Field = {
  readonly contenders: readonly Contender[]
  stop(): Promise<void>
}

/** Starts the upstream double and all that stand before it, each in its own process. */
export async function startContenders(options: {
  readonly durability: 'process' | 'power'
  readonly withStudent: boolean
}): Promise<Field> {
  const children: Child[] = []
  const home = await mkdtemp(path.join(tmpdir(), 'village-bench-'))
  const start = async (script: string, ...args: readonly string[]): Promise<Child> => {
    const child = await startChild(fileURLToPath(new URL(script, import.meta.url)), args)
    children.push(child)
    return child
  }
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await child.stop()
    await rm(home, { recursive: true, force: true })
  }

  try {
    const upstream = textOf(await start('./upstream-double.ts'), 'url')
    const bare = textOf(await start('./bare-proxy.ts', upstream), 'url')
    const program = options.withStudent ? './village.ts' : './village-without-student.ts'
    const village = await start(program, upstream, home, options.durability)
    const portkey = await startPortkey()
    children.push(portkey.child)
    return {
      contenders: [
        { name: 'upstream', url: completionsOf(upstream), headers: {} },
        { name: 'bare proxy', url: completionsOf(bare), headers: {} },
        { name: 'portkey', url: completionsOf(portkey.url), headers: portkeyHeaders(upstream) },
        {
          name: 'village',
          url: completionsOf(textOf(village, 'url')),
          headers: { authorization: `Bearer ${textOf(village, 'key')}` },
        },
      ],
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Portkey takes its port as an argument; `--headless` leaves out its page, which would collect every
 * request's log. It says nothing that is made for programs, so we wait until it answers.
 */
async function startPortkey(): Promise<{ readonly child: Child; readonly url: string }> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const script = createRequire(import.meta.url).resolve('@portkey-ai/gateway/build/start-server.js')
  const child = await startServerOnPort(script, [`--port=${port}`, '--headless'], url)
  return { child, url }
}

/** Routing by headers; 127.0.0.1 is among the custom hosts that it trusts without configuration. */
function portkeyHeaders(upstream: string): Readonly<Record<string, string>> {
  return {
    authorization: 'Bearer bench',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${upstream}/v1`,
  }
}

function completionsOf(url: string): string {
  return `${url}/v1/chat/completions`
}

function textOf(child: Child, field: string): string {
  const value = child.said[field]
  if (typeof value !== 'string') throw new Error(`A program of the bench did not say its ${field}`)
  return value
}
