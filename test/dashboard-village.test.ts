import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../dashboard/dev/browser.ts'
import {
  checkFirstView,
  checkLiveUpdate,
  checkTrail,
  figureText,
  openDashboard,
} from '../dashboard/dev/page-checks.ts'
import type { OpenPage } from '../dashboard/dev/page-checks.ts'
import { startVillage } from './start-village.ts'
import type { StartedVillage } from './start-village.ts'

/** The page as the real village serves it, while demo tasks flow. */
let browser: Browser
let village: StartedVillage
let opened: OpenPage

beforeAll(async () => {
  const dashboard = fileURLToPath(new URL('../dashboard', import.meta.url))
  if (!existsSync(`${dashboard}/dist/index.html`)) {
    await promisify(execFile)('npm', ['run', 'build'], { cwd: dashboard })
  }
  // Without training, which would only take the browser's time.
  village = await startVillage({ settings: { learning: { enabled: false } }, demoTraffic: true })
  browser = await openBrowser()
  opened = await openDashboard(browser, { address: village.url, apiKey: village.key })
})

afterAll(async () => {
  await browser?.close()
  await village?.[Symbol.asyncDispose]()
})

test('shows the running village and says that it is simulated', async () => {
  await checkFirstView(opened.page, { simulated: true })

  const notice = opened.page.getByRole('note', { name: 'Simulated' })
  expect(await notice.innerText()).toMatch(/simulated/i)
})

test('follows the demo tasks live, without being loaded again', async () => {
  await checkLiveUpdate(opened.page, () => undefined)

  expect(await figureText(opened.page, 'Answered locally')).toMatch(/of [1-9][\d,.]* tasks? in all/)
})

test('follows a decision of the village from the request to the saving', async () => {
  const trail = await checkTrail(opened.page, 'frontier')

  expect(trail).toContain('not yet shown that it is good enough')
})

test('the village ends cleanly under an open page, whose console stayed clean', async () => {
  const troubles = [...opened.troubles]

  const code = await village.stop()

  expect(troubles).toEqual([])
  expect(code).toBe(0)
  expect(village.output()).toContain('Everything is saved.')
})
