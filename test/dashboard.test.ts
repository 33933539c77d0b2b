import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { openBrowser } from '../dashboard/dev/browser.ts'
import {
  type FixtureServer,
  fixtureKey,
  startFixtureServer,
} from '../dashboard/dev/fixture-server.ts'
import {
  checkFirstView,
  checkLiveUpdate,
  checkNoHorizontalScroll,
  checkTrail,
  figureText,
  openDashboard,
  patienceMs,
  runningStageNames,
  switchColorScheme,
} from '../dashboard/dev/page-checks.ts'

/** The page in a real browser, on a made-up village: every frame of the story is known here. */
const trainingFrame = 8
const lateFrame = 57

// A browser starts slowly on a machine that is training at the same time.
vi.setConfig({ testTimeout: 240_000 })

let browser: Browser
let village: FixtureServer

beforeAll(async () => {
  const dashboard = fileURLToPath(new URL('../dashboard', import.meta.url))
  await promisify(execFile)('npm', ['run', 'build'], { cwd: dashboard })
  village = await startFixtureServer({ distFolder: `${dashboard}/dist`, frame: 0 })
  browser = await openBrowser()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await village?.close()
})

async function open(view: { width?: number; colorScheme?: 'light' | 'dark' } = {}) {
  const opened = await openDashboard(browser, {
    address: village.address,
    apiKey: fixtureKey,
    ...view,
  })
  onTestFinished(() => opened.context.close())
  return opened
}

test('shows every part of the village and that it is simulated, with a clean console', async () => {
  village.show(lateFrame)

  const { page, troubles } = await open()

  await checkFirstView(page, { simulated: true })
  expect(await runningStageNames(page)).toEqual(['train'])
  expect(await figureText(page, 'Answered locally')).toContain('67 %')
  expect(await page.locator('[data-decision]').count()).toBe(8)
  expect(troubles).toEqual([])
})

test('says what happens and what to do before the first task', async () => {
  village.show(0)

  const { page, troubles } = await open()

  await page.getByText('The line begins after the first tasks.').waitFor()
  await page.getByText('No run yet.').waitFor()
  await page.getByText('No task yet. Point an OpenAI client').waitFor()
  expect(troubles).toEqual([])
})

test('follows the village live, without being loaded again', async () => {
  village.show(trainingFrame)
  const { page, troubles } = await open()
  const before = await runningStageNames(page)

  await checkLiveUpdate(page, () => village.show(10))

  expect([before, await runningStageNames(page)]).toEqual([['train'], ['gate']])
  expect(troubles).toEqual([])
})

test('follows a local and a frontier decision from the request to the saving', async () => {
  village.show(lateFrame)
  const { page, troubles } = await open()

  const local = await checkTrail(page, 'local')
  const frontier = await checkTrail(page, 'frontier')

  expect(local).toContain('(yes, models-list)')
  expect(local).toContain('$0.000214 less than asking the frontier')
  expect(frontier).toContain('no trained checkpoint took part')
  expect(troubles).toEqual([])
})

test('sets the target of an agent from its card, and says where quality is not bounded', async () => {
  village.show(lateFrame)
  const { page, troubles } = await open()
  const magi = page.getByRole('article', { name: 'Magi' })
  await magi.getByText('Audits alone cost more than is left of the budget.').waitFor()

  await page.getByRole('button', { name: 'Change the target of King' }).click()
  const form = page.getByRole('form', { name: 'Target of King' })
  await form.getByText('budget', { exact: true }).click()
  await form.getByText('quality is not bounded').waitFor()
  await form.getByLabel('USD a day').fill('2.5')
  await form.getByRole('button', { name: 'Set' }).click()
  await form.waitFor({ state: 'detached' })

  expect(village.wishes.get('king')).toEqual({ budget_usd_per_day: 2.5 })
  expect(troubles).toEqual([])
})

test('shows each agent’s certificate, and in a trail what weighed and what the other choice costs', async () => {
  village.show(lateFrame)
  const { page, troubles } = await open()
  const king = page.getByRole('article', { name: 'King' })

  const card = await king.innerText()
  const trail = await checkTrail(page, 'local')

  expect(card).toContain('at most 20.0 % lost with 90 % confidence; 11 lost of 131 compared')
  expect(trail).toContain('−21.0 its record in 48 checks of this kind of task')
  expect(trail).toContain('The frontier would have cost about $0.00023.')
  expect(troubles).toEqual([])
})

test('tells the gate’s verdict in words and per kind of task', async () => {
  village.show(lateFrame)
  const { page } = await open()

  await page.getByRole('button', { name: /Better on 11 of 60/ }).click()

  const details = page.getByRole('region', { name: /Better on 11 of 60/ })
  await details.getByText('The gate’s verdict: promote').waitFor()
  const row = details.getByRole('row', { name: /Field extraction/ })
  expect((await row.innerText()).split(/\s+/)).toEqual([
    'Field',
    'extraction',
    '20',
    '13',
    '17',
    '+20',
  ])
})

test('says that the connection is lost and finds back by itself', async () => {
  village.show(lateFrame)
  const { page } = await open()

  village.dropStreams()

  const notice = page.getByText('The connection to the village is lost')
  await notice.waitFor()
  await page.locator('[data-connection="live"]').waitFor()
  await notice.waitFor({ state: 'hidden' })
  expect(await figureText(page, 'Answered locally')).toContain('67 %')
})

test('asks for a key when there is none, and again when the village does not know it', async () => {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  context.setDefaultTimeout(patienceMs)
  const page = await context.newPage()
  await page.goto(village.address)

  await page.getByLabel('API key').fill('vk-wrong')
  await page.getByRole('button', { name: 'Open the village' }).click()
  await page.getByText('The village does not know this key.').waitFor()
  await page.getByLabel('API key').fill(fixtureKey)
  await page.getByRole('button', { name: 'Open the village' }).click()

  await page.locator('[data-connection="live"]').waitFor()
  expect(await page.getByRole('heading', { name: 'Latest decisions' }).isVisible()).toBe(true)
})

test.each(['light', 'dark'] as const)('fits a phone of 390 px in %s', async (colorScheme) => {
  village.show(lateFrame)

  const { page, troubles } = await open({ width: 390, colorScheme })

  await checkFirstView(page, { simulated: true })
  await checkNoHorizontalScroll(page)
  await checkTrail(page, 'local')
  expect(troubles).toEqual([])
})

test('changes between light and dark and keeps the choice', async () => {
  village.show(lateFrame)
  const { page } = await open()

  const dark = await switchColorScheme(page, 'Dark')
  const light = await switchColorScheme(page, 'Light')
  await page.reload()

  expect(dark).not.toBe(light)
  expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('light')
})
