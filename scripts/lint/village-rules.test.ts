import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const projectFolder = fileURLToPath(new URL('../../', import.meta.url))
const oxlint = fileURLToPath(new URL('../../node_modules/oxlint/bin/oxlint', import.meta.url))

type Report = { readonly code: string; readonly message: string; readonly filename: string }

test('the project’s own lint reports every import that the table forbids, and no other', () => {
  const { stdout, status } = spawnSync(
    process.execPath,
    [oxlint, '--no-ignore', '--format', 'json', 'scripts/lint/fixtures'],
    { cwd: projectFolder, encoding: 'utf8' },
  )

  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Report[] }
  const reported = diagnostics
    .filter(({ code }) => code === 'village(imports)')
    .map(({ filename, message }) => `${filename.replace(/^.*fixtures\//, '')}: ${message}`)
    .toSorted()
  expect(status).toBe(1)
  expect(reported).toEqual([
    'dashboard/src/imports-the-server.ts: the dashboard imports nothing of the server but ' +
      'src/http/contract.ts, not src/kernel/decision.ts',
    'src/http/reaches-round-the-village.ts: http may import kernel, village, not learning',
    'src/http/reaches-round-the-village.ts: http may import kernel, village, not store',
    'src/kernel/imports-a-package.ts: kernel imports no package: "zod"',
    'src/store/imports-a-sibling.ts: store may import kernel, not agents',
    'src/village/planning/imports-a-later-room.ts: village/planning may import figures, not access',
  ])
})
