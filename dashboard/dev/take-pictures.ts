import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openBrowser } from './browser.ts'
import { fixtureKey, startFixtureServer } from './fixture-server.ts'
import { openDashboard } from './page-checks.ts'

/**
 * `npm run pictures -w dashboard -- --to FOLDER [--address URL --key vk-…]`: the page in light and
 * dark, on a desk and on a phone. Without an address it shows the made-up story.
 */
const { values } = parseArgs({
  options: {
    to: { type: 'string', default: 'pictures' },
    address: { type: 'string' },
    key: { type: 'string', default: fixtureKey },
    frame: { type: 'string', default: '57' },
    /** Only the first screen, as the README shows it. */
    fold: { type: 'boolean', default: false },
  },
})
const fixture =
  values.address === undefined
    ? await startFixtureServer({
        distFolder: fileURLToPath(new URL('../dist', import.meta.url)),
        frame: Number(values.frame),
      })
    : null
const address = values.address ?? fixture?.address ?? ''
const views = [
  { name: 'light', colorScheme: 'light', width: 1_280, height: 1_230 },
  { name: 'dark', colorScheme: 'dark', width: 1_280, height: 1_230 },
  { name: 'phone', colorScheme: 'light', width: 390, height: 844 },
  { name: 'phone-dark', colorScheme: 'dark', width: 390, height: 844 },
] as const

await mkdir(values.to, { recursive: true })
const browser = await openBrowser()
for (const view of views) {
  const { page, context, troubles } = await openDashboard(browser, {
    address,
    apiKey: values.key,
    ...view,
  })
  const path = join(values.to, `${view.name}.png`)
  await page.locator('.recharts-surface').first().waitFor()
  await page.screenshot({ path, fullPage: !values.fold })
  process.stdout.write(`${path}${troubles.length > 0 ? ` (${troubles.join('; ')})` : ''}\n`)
  await context.close()
}
await browser.close()
await fixture?.close()
