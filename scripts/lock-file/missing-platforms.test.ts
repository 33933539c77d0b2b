import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { missingPlatforms } from './missing-platforms.mjs'

test('the lock file names the packages of every platform, or npm ci would refuse it', () => {
  const path = new URL('../../package-lock.json', import.meta.url)
  const lock = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly packages: Readonly<Record<string, object>>
  }

  const missing = Object.keys(missingPlatforms(lock.packages))

  expect(missing, 'run `node scripts/complete-lock-file.mjs`').toEqual([])
})

test('a missing platform is locked for its own system and processor alone', () => {
  const packages = {
    'node_modules/native': { optionalDependencies: { '@native/mac-arm64-metal': '1.2.3' } },
  }

  expect(missingPlatforms(packages)).toEqual({
    'node_modules/@native/mac-arm64-metal': {
      version: '1.2.3',
      cpu: ['arm64'],
      optional: true,
      os: ['darwin'],
    },
  })
})
