import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'

// Starting a process may take long beside a training run.
vi.setConfig({ testTimeout: 60_000 })

const script = fileURLToPath(new URL('./main.ts', import.meta.url))
const unseen = fileURLToPath(
  new URL('../../../bench/unseen-families/unseen-families.ts', import.meta.url),
)

async function start(
  ...options: readonly string[]
): Promise<{ readonly child: ChildProcessWithoutNullStreams; readonly url: string }> {
  const child = spawn(process.execPath, [script, '--latency', 'counted', ...options])
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, url: (JSON.parse(line) as { url: string }).url }
}

test('runs as its own process that ends when its standard input closes', async () => {
  const { child, url } = await start('--seed', '3')

  const reply = await fetch(`${url}/models`)
  child.stdin.end()
  const [code] = (await once(child, 'exit')) as [number]

  expect(reply.status).toBe(200)
  expect(code).toBe(0)
})

test('ends on SIGTERM', async () => {
  const { child } = await start()

  child.kill('SIGTERM')
  const [code] = (await once(child, 'exit')) as [number]

  expect(code).toBe(0)
})

test('solves further families when it is given them', async () => {
  const { child, url } = await start('--families', unseen)
  const prompt = 'CSS rule to implement: 7px padding and teal text on .ashton-card'

  const reply = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer test' },
    body: JSON.stringify({
      model: 'microsoft/phi-4',
      messages: [{ role: 'user', content: prompt }],
    }),
  })
  const text = await reply.text()
  child.stdin.end()
  await once(child, 'exit')

  expect(text).toContain('.ashton-card { color: teal; padding: 7px; }')
})
