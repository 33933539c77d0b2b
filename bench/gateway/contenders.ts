import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { villageNodeFlags } from '../../scripts/setup/village-node-flags.mjs'
import { freePort, startChild, startServerOnPort, type Child } from './child.ts'
import { startLiteLLM } from './litellm.ts'

export type ContenderName =
  | 'upstream'
  | 'bare proxy'
  | 'portkey'
  | 'litellm'
  | 'village'
  | 'village/king'

export type Contender = {
  readonly name: ContenderName
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly model: string
  readonly pid: number
}

export type Field = {
  readonly contenders: readonly Contender[]
  stop(): Promise<void>
}

/** Starts the upstream double and all that stand before it, each in its own process. */
export async function startContenders(options: {
  readonly durability: 'process' | 'power'
  readonly withStudent: boolean
  /** A Python that has `litellm[proxy]`; null leaves LiteLLM out. */
  readonly litellmPython: string | null
}): Promise<Field> {
  const children: Child[] = []
  const home = await mkdtemp(path.join(tmpdir(), 'village-bench-'))
  const keep = (child: Child): Child => {
    children.push(child)
    return child
  }
  const start = async (script: string, ...args: readonly string[]): Promise<Child> => {
    const flags = script.includes('village') ? villageNodeFlags : []
    const file = fileURLToPath(new URL(script, import.meta.url))
    return keep(await startChild(file, args, flags))
  }
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await child.stop()
    await rm(home, { recursive: true, force: true })
  }

  try {
    const double = await start('./upstream-double.ts')
    const upstream = textOf(double, 'url')
    const bare = await start('./bare-proxy.ts', upstream)
    const program = options.withStudent ? './village.ts' : './village-without-student.ts'
    const village = await start(program, upstream, home, options.durability)
    const portkey = await startPortkey()
    keep(portkey.child)
    const contenders = [
      contender('upstream', double, { url: upstream }),
      contender('bare proxy', bare, { url: textOf(bare, 'url') }),
      contender('portkey', portkey.child, { url: portkey.url, headers: portkeyHeaders(upstream) }),
    ]
    if (options.litellmPython !== null) {
      const litellm = await startLiteLLM(options.litellmPython, upstream, home)
      keep(litellm.child)
      const headers = { authorization: `Bearer ${litellm.key}` }
      contenders.push(contender('litellm', litellm.child, { url: litellm.url, headers }))
    }
    const url = textOf(village, 'url')
    const headers = { authorization: `Bearer ${textOf(village, 'key')}` }
    contenders.push(contender('village', village, { url, headers }))
    // A name of an agent makes a task of the request: it is planned, routed and followed up.
    if (options.withStudent) {
      contenders.push(contender('village/king', village, { url, headers, model: 'village/king' }))
    }
    return { contenders, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function contender(
  name: ContenderName,
  { pid }: Child,
  {
    url,
    headers = {},
    model = 'bench/fixed',
  }: {
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    readonly model?: string
  },
): Contender {
  return { name, url: `${url}/v1/chat/completions`, headers, model, pid }
}

/**
 * Portkey takes its port as an argument; `--headless` leaves out its page, which would collect every
 * request's log. It says nothing that is made for programs, so we wait until it answers.
 */
async function startPortkey(): Promise<{ readonly child: Child; readonly url: string }> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const script = createRequire(import.meta.url).resolve('@portkey-ai/gateway/build/start-server.js')
  const args = [script, `--port=${port}`, '--headless']
  const child = await startServerOnPort(process.execPath, args, url)
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

function textOf(child: Child, field: string): string {
  const value = child.said[field]
  if (typeof value !== 'string') throw new Error(`A program of the bench did not say its ${field}`)
  return value
}
