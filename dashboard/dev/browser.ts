import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import bundledChromium from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The machine's Chromium (`CHROMIUM_PATH`, or where Debian puts it), else the one of the npm package. */
export async function openBrowser(): Promise<Browser> {
  const installed = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find(
    (path) => path !== undefined && existsSync(path),
  )
  const executablePath = installed ?? (await bundledChromium.executablePath())
  return chromium.launch({ executablePath, args: flags, env: fontEnvironment(installed) })
}

/** The npm package brings a font for machines that have none. */
function fontEnvironment(installed: string | undefined): Record<string, string> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )
  const fonts = join(tmpdir(), 'fonts')
  return installed || !existsSync(fonts) ? inherited : { ...inherited, FONTCONFIG_PATH: fonts }
}
