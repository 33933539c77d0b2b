import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { VillageSettings } from '../village/settings.ts'
import { watchSettings } from './watch-settings.ts'

test('a changed file is read again, and one that cannot be used changes nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'village-settings-'))
  const file = join(folder, 'village.json')
  const seen: VillageSettings[] = []
  const warnings: string[] = []
  const stop = watchSettings(file, {
    onChange: (settings) => void seen.push(settings),
    log: { info: () => undefined, warn: (_details, message) => void warnings.push(message) },
    everyMs: 10,
  })
  onTestFinished(() => {
    stop()
    rmSync(folder, { recursive: true })
  })

  writeFileSync(file, '{"servers": {"north": {"baseUrl": "http://10.0.0.5/v1"}}}')
  await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0), 20_000)
  const before = seen.length
  writeFileSync(file, '{"servers": {"north": {"baseUrl": "nowhere"')
  await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(0), 20_000)

  expect(seen[0]?.servers['north']?.baseUrl).toBe('http://10.0.0.5/v1')
  expect(seen).toHaveLength(before)
  expect(warnings[0]).toContain('cannot be used')
})
