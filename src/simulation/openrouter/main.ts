import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { demoFamilies } from '../families/demo-families.ts'
import type { Family } from '../families/family.ts'
import { startSimulatedOpenRouter } from './simulated-openrouter.ts'

/**
 * The simulated OpenRouter as a process: prints one line of JSON with its URL when it listens, and
 * ends on SIGTERM, SIGINT, or when its standard input closes (its parent is gone).
 * `--families MODULE` adds the list of families that the module exports.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    latency: { type: 'string', default: 'real' },
    families: { type: 'string' },
  },
})
const { latency } = values
if (latency !== 'real' && latency !== 'counted') {
  throw new RangeError(`--latency is real or counted, not ${latency}`)
}

const server = await startSimulatedOpenRouter({
  port: Number(values.port),
  seed: Number(values.seed),
  latency,
  families: [...demoFamilies, ...(await furtherFamilies(values.families))],
})
const stop = (): void => {
  void server.close().then(() => process.exit(0))
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
process.stdin.once('close', stop)
process.stdin.once('end', stop)
process.stdin.resume()

console.log(
  JSON.stringify({
    url: server.url,
    controlUrl: server.controlUrl,
    simulated: true,
    pid: process.pid,
  }),
)

async function furtherFamilies(path: string | undefined): Promise<readonly Family[]> {
  if (path === undefined) return []
  const module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>
  const families = Object.values(module).find((value) => Array.isArray(value))
  if (families === undefined) throw new TypeError(`${path} exports no list of families`)
  return families as readonly Family[]
}
