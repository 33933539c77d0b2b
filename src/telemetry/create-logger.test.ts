import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from './create-logger.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'village-logs-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('no planted key reaches the log file, wherever it stands', async () => {
  const canary = 'canary0123456789abcdef'
  const { logger, close } = await createLogger({ folder })

  logger.info(`called with sk-or-v1-${canary}`)
  logger.info({ headers: { Authorization: `Bearer ${canary}`, 'x-api-key': canary } }, 'request')
  logger.error(
    new Error(`upstream refused vk-${canary}`),
    `header was Authorization: Bearer ${canary}`,
  )
  logger.child({ key: `vk-${canary}` }).warn({ nested: { list: [`"sk-${canary}"`] } }, 'child')
  await close()

  const text = await logText()
  expect(text).not.toContain(canary)
  expect(text.match(/\[redacted\]/g)).toHaveLength(8)
})

test('what is logged stays readable JSON, one object a line', async () => {
  const { logger, close } = await createLogger({ folder, level: 'debug' })

  logger.debug({ taskId: 'task_1', note: 'say "Bearer me up, Scotty"' }, 'answered')
  logger.info({ authorization: 'quote \\" and more' }, 'second')
  await close()

  const lines = (await logText()).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { taskId: 'task_1', msg: 'answered' },
    { authorization: '[redacted]', msg: 'second' },
  ])
})

test('says nothing below its level', async () => {
  const { logger, close } = await createLogger({ folder, level: 'warn' })

  logger.info('unimportant')
  logger.warn('important')
  await close()

  expect(await logText()).toContain('important')
  expect(await logText()).not.toContain('unimportant')
})

async function logText(): Promise<string> {
  const files = await readdir(folder)
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return texts.join('')
}
