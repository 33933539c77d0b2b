import { afterAll, describe, expect, test } from 'vitest'
import type { TaskVerifier } from '../kernel/task.ts'
import { createCodeRunner } from './code-runner.ts'

const runner = createCodeRunner({ timeoutMs: 300 })
afterAll(() => runner.close())

const doubles: TaskVerifier = {
  type: 'unit-tests',
  language: 'javascript',
  tests: "if (double(2) !== 4 || double(-1) !== -2) throw new Error('wrong')",
}

const namesOfAdults: TaskVerifier = {
  type: 'unit-tests',
  language: 'sql',
  setup:
    "CREATE TABLE people(name TEXT, age INTEGER); INSERT INTO people VALUES ('Ann', 40), ('Bo', 3), ('Cy', 19)",
  expectedRows: [['Cy'], ['Ann']],
}

describe('JavaScript', () => {
  test('passes a function that its tests accept', async () => {
    const result = await runner.run('function double(x) { return 2 * x }', doubles)

    expect(result).toEqual({ passed: true })
  })

  test('reads the code from a markdown fence and drops a module export', async () => {
    const answer = 'Here it is:\n```js\nexport const double = (x) => x + x\n```\nEnjoy!'

    expect(await runner.run(answer, doubles)).toEqual({ passed: true })
  })

  test.each([
    ['a wrong function', 'function double(x) { return x * x }', /the tests failed: Error: wrong/],
    ['a syntax error', 'function double(x) { return', /the code failed: SyntaxError/],
    ['no code at all', '```js\n```', /no code/],
    ['an endless loop', 'while (true) {}', /interrupted/],
    [
      'an endless loop in a regular expression',
      `/^(a+)+$/.test('${'a'.repeat(40)}b')`,
      /interrupted|stopped/,
    ],
    ['a memory bomb', "let s = 'x'; while (true) s += s", /memory|too long|interrupted/i],
    [
      'many arrays',
      'const all = []; while (true) all.push(new Array(1e5).fill(1))',
      /memory|stopped|interrupted/i,
    ],
    ['the network', "fetch('http://127.0.0.1')", /'fetch' is not defined/],
    ['the process', 'process.exit(1)', /'process' is not defined/],
    ['modules', "require('node:fs')", /'require' is not defined/],
    [
      'the host through a constructor',
      "this.constructor.constructor('return process')()",
      /not defined/,
    ],
  ])('fails %s with a reason', async (_name, code, reason) => {
    const result = await runner.run(code, doubles)

    expect(result).toMatchObject({ passed: false, reason: expect.stringMatching(reason) as string })
  })

  test('fails endless recursion because of the stack, given time to get there', async () => {
    const patient = createCodeRunner({ timeoutMs: 10_000 })

    const result = await patient.run('function double(x) { return double(x) }', doubles)
    await patient.close()

    const reason: unknown = expect.stringMatching(/stack|overflow/i)
    expect(result).toMatchObject({ passed: false, reason })
  })

  test('leaves nothing behind for the next run', async () => {
    await runner.run('globalThis.double = (x) => 2 * x', doubles)

    const result = await runner.run('0', doubles)

    expect(result).toMatchObject({ passed: false })
  })
})

describe('SQL', () => {
  test('passes a query that gives the expected rows in order', async () => {
    const query = 'SELECT name FROM people WHERE age >= 18 ORDER BY age;'

    expect(await runner.run(query, namesOfAdults)).toEqual({ passed: true })
  })

  test.each([
    ['another order', 'SELECT name FROM people WHERE age >= 18 ORDER BY name', /row 1 differs/],
    ['too few rows', "SELECT name FROM people WHERE name = 'Cy'", /1 of 2 rows/],
    ['too many rows', 'SELECT name FROM people ORDER BY age DESC', /more than the 2 rows/],
    ['a missing column', 'SELECT nobody FROM people', /no such column/],
    ['a change of the data', 'DELETE FROM people', /only one SELECT/],
    ['a change behind WITH', 'WITH x AS (SELECT 1) DELETE FROM people', /readonly/],
    ['two statements', 'SELECT name FROM people LIMIT 0; SELECT 1', /more than one statement/],
    ['an attached file', "ATTACH '/etc/passwd' AS stolen", /only one SELECT/],
    ['a huge value', 'SELECT length(randomblob(900000000))', /memory|too big/],
    [
      'an endless query',
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n',
      /stopped: it ran for more than 300 ms/,
    ],
  ])('fails %s with a reason', async (_name, query, reason) => {
    const result = await runner.run(query, namesOfAdults)

    expect(result).toMatchObject({ passed: false, reason: expect.stringMatching(reason) as string })
  })
})

test('answers every run, also those that waited behind one that had to be killed', async () => {
  const endless =
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n'

  const results = await Promise.all([
    runner.run(endless, namesOfAdults),
    runner.run('const double = (x) => 2 * x', doubles),
    runner.run('const double = (x) => x', doubles),
  ])

  expect(results.map(({ passed }) => passed)).toEqual([false, true, false])
})

test('refuses to run once it is closed', async () => {
  const closed = createCodeRunner()
  await closed.close()

  await expect(closed.run('1', doubles)).rejects.toThrow('closed')
})
