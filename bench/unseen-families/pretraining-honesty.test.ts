import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { demoFamilies } from '../../src/simulation/families/demo-families.ts'
import { tracesIn, tracesOf } from '../../src/simulation/template-traces.ts'
import { unseenFamilies } from './unseen-families.ts'

/**
 * The student may know nothing of the tasks before it learns them from answers: no run of four words
 * of any template, of the demo or of the unseen families, may occur in what it is pretrained on.
 */
const root = fileURLToPath(new URL('../../', import.meta.url))
const python = `${root}.venv/bin/python`
const samples = 20_000
const traces = tracesOf([...demoFamilies, ...unseenFamilies].flatMap((family) => family.templates))
let corpus: readonly string[] = []

beforeAll(async () => {
  if (!existsSync(python)) {
    throw new Error(`The Python environment ${python} is missing: \`npm test\` sets it up.`)
  }
  const { stdout } = await promisify(execFile)(
    python,
    ['-m', 'village_trainer', 'corpus', '--seed', '7', '--count', String(samples)],
    { cwd: `${root}trainer`, maxBuffer: 512 * 1024 * 1024 },
  )
  corpus = stdout.split('\n').filter((line) => line !== '')
}, 120_000)

test('the pretraining corpus holds no trace of any task family', () => {
  const found = new Set(corpus.flatMap((line) => tracesIn(textOfLine(line), traces)))

  expect(corpus.length).toBeGreaterThanOrEqual(samples)
  expect([...found]).toEqual([])
})

test.each([...demoFamilies, ...unseenFamilies])(
  'a planted task of $agent/$name would be found',
  (family) => {
    const template = family.templates.find((text) => tracesOf([text]).size > 0) ?? ''
    const planted = JSON.stringify({
      prompt: `say: ${template.replace(/\{\w+\}/g, 'x')}`,
      answer: 'x',
    })

    const found = [...corpus.slice(0, 10), planted].flatMap((line) =>
      tracesIn(textOfLine(line), traces),
    )

    expect(found).not.toEqual([])
  },
)

/** A line of JSON gives all its strings, without escapes; any other line is its own text. */
function textOfLine(line: string): string {
  try {
    return stringsOf(JSON.parse(line)).join('\n')
  } catch {
    return line
  }
}

function stringsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsOf)
}
