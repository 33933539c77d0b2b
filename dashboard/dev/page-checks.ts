import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Page } from 'playwright-core'

/** Long, for machines that train a model while the browser runs. */
export const patienceMs = 75_000

export type OpenPage = {
  readonly page: Page
  readonly context: BrowserContext
  /** Everything that went wrong in the page: console errors, uncaught errors, requests elsewhere. */
  readonly troubles: readonly string[]
}

/** Opens the dashboard with a key in its address and waits until it shows the village live. */
export async function openDashboard(
  browser: Browser,
  options: {
    readonly address: string
    readonly apiKey: string
    readonly width?: number
    readonly height?: number
    readonly colorScheme?: 'light' | 'dark'
  },
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1_280, height: options.height ?? 900 },
    colorScheme: options.colorScheme ?? 'light',
    reducedMotion: 'reduce',
    deviceScaleFactor: 1,
  })
  context.setDefaultTimeout(patienceMs)
  const page = await context.newPage()
  const troubles: string[] = []
  const origin = new URL(options.address).origin
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text())
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(origin) && !url.startsWith('data:')) troubles.push(`asked ${url}`)
  })
  await page.goto(`${options.address}#key=${options.apiKey}`)
  await page.locator('[data-connection="live"]').waitFor()
  await page.getByRole('heading', { name: 'Thresholds' }).waitFor()
  return { page, context, troubles }
}

/** Every part of the page is there, and a simulated village says so. */
export async function checkFirstView(
  page: Page,
  options: { readonly simulated: boolean },
): Promise<void> {
  const titles = [
    'AI Village',
    'Answered by the local model',
    'Money spent',
    'Quality of local answers',
    'Thresholds',
    'Agents',
    'King',
    'Sage',
    'Magi',
    'Training runs',
    'Promotions and rollbacks',
    'Latest decisions',
  ]
  for (const name of titles) {
    const heading = page.getByRole('heading', { name, exact: true })
    assert.equal(await heading.isVisible(), true, `the heading "${name}" is not shown`)
  }
  assert.equal(await page.locator('[data-stage]').count(), 7)
  assert.equal(await page.getByRole('note', { name: 'Simulated' }).isVisible(), options.simulated)
  assert.equal(new URL(page.url()).hash, '', 'the key is still in the address')
}

/** The figure under a title of the first row, such as "Answered locally". */
export function figureText(page: Page, name: string): Promise<string> {
  return page.locator(`[data-figure="${name}"]`).innerText()
}

/** The titles of the stages that are running, e.g. ["train"]. */
export async function runningStageNames(page: Page): Promise<readonly string[]> {
  const stages = await page.locator('[data-stage][data-running]').all()
  const names = await Promise.all(stages.map((stage) => stage.getAttribute('data-stage')))
  return names.filter((name) => name !== null)
}

/** Runs `change` and waits until the page shows other figures, without being loaded again. */
export async function checkLiveUpdate(
  page: Page,
  change: () => void | Promise<void>,
): Promise<void> {
  const figure = page.locator('[data-figure="Answered locally"]')
  const before = await figure.innerText()
  await page.evaluate('globalThis.sameDocument = true')

  await change()

  await figure.filter({ hasNotText: lastLine(before) }).waitFor()
  assert.equal(await page.evaluate('globalThis.sameDocument'), true, 'the page was loaded again')
}

/** Opens a decision and reads its trail from the request to the saving. */
export async function checkTrail(page: Page, route: 'local' | 'frontier'): Promise<string> {
  await page
    .getByRole('button', { name: `Follow the decision: ${route}` })
    .first()
    .click()
  const drawer = page.getByRole('dialog', { name: 'From the request to the saving' })
  await drawer.getByText('Saving', { exact: true }).waitFor()
  const text = await drawer.innerText()
  const steps = [
    'Request',
    'Route and reason',
    'Checkpoint',
    'Dataset and its rights',
    'Model calls',
  ]
  for (const step of steps) assert.match(text, new RegExp(step))
  await drawer.getByRole('button', { name: 'Close' }).click()
  await drawer.waitFor({ state: 'hidden' })
  return text
}

export async function checkNoHorizontalScroll(page: Page): Promise<void> {
  const overflowPx = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  assert.equal(overflowPx, 0, `the page is ${String(overflowPx)} px wider than the screen`)
}

/** Switches to a colour scheme by the page's own control; returns the background it then has. */
export async function switchColorScheme(page: Page, scheme: 'Light' | 'Dark'): Promise<string> {
  await page
    .getByRole('radiogroup', { name: 'Colour scheme' })
    .getByText(scheme, { exact: true })
    .click()
  await page.locator(`html[data-mantine-color-scheme="${scheme.toLowerCase()}"]`).waitFor()
  return String(await page.evaluate('getComputedStyle(document.body).backgroundColor'))
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
