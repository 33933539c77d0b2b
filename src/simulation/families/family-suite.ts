import { getQuickJS } from 'quickjs-emscripten'
import initSqlJs from 'sql.js'
import { describe, expect, test } from 'vitest'
import { lastUserText } from '../../kernel/chat.ts'
import { deriveSeed, seededRandom } from '../../kernel/random.ts'
import type { TaskVerifier } from '../../kernel/task.ts'
import type { Family, FamilyTask } from './family.ts'

const tasksPerFamily = 1000
const quickJs = await getQuickJS()
const sql = await initSqlJs()

function tasksOf(family: Family, count = tasksPerFamily): readonly FamilyTask[] {
  const random = seededRandom(deriveSeed(11, family.name))
  return Array.from({ length: count }, () => family.make(random))
}

function passes(code: string, verifier: TaskVerifier): boolean {
  if (verifier.language === 'javascript') {
    const context = quickJs.newContext()
    const result = context.evalCode(`${code}\n${verifier.tests}`)
    const passed = result.error === undefined
    result.dispose()
    context.dispose()
    return passed
  }
  const database = new sql.Database()
  try {
    database.run(verifier.setup)
    const rows = database.exec(code)[0]?.values ?? []
    return JSON.stringify(rows) === JSON.stringify(verifier.expectedRows)
  } catch {
    return false
  } finally {
    database.close()
  }
}

/** What every family must hold, whoever uses it. `others` are families that must not claim its prompts. */
export function testFamily(family: Family, others: readonly Family[]): void {
  describe(`${family.agent}/${family.name}`, () => {
    test('is solved from the prompt alone', () => {
      const wrong = tasksOf(family).filter((task) => {
        const answer = family.solve(lastUserText(task.messages))
        return answer === null || answer !== task.truth.reference || !task.truth.isRight(answer)
      })

      expect(wrong).toEqual([])
    })

    test('is spoiled to an answer that is wrong but not empty', () => {
      const random = seededRandom(5)

      const notWrong = tasksOf(family).filter((task) => {
        const spoiled = family.spoil(task.truth.reference, random)
        return spoiled === '' || task.truth.isRight(spoiled)
      })

      expect(notWrong).toEqual([])
    })

    test('is claimed by no other family', () => {
      const claimed = tasksOf(family, 200).filter((task) =>
        others.some((other) => other.solve(lastUserText(task.messages)) !== null),
      )

      expect(claimed).toEqual([])
    })

    test('seldom repeats a prompt, so that held-out tasks are new', () => {
      const prompts = new Set(tasksOf(family).map((task) => lastUserText(task.messages)))

      expect(prompts.size).toBeGreaterThan(0.97 * tasksPerFamily)
    })

    test('gives the same tasks for the same seed', () => {
      const first = tasksOf(family, 20).map((task) => task.messages)
      const second = tasksOf(family, 20).map((task) => task.messages)

      expect(first).toEqual(second)
    })

    test('keeps prompts and answers as long as its expectation allows', () => {
      const limitBytes = family.expectation === 'unlearnable' ? 900 : 170

      const tooLong = tasksOf(family).filter(
        (task) =>
          Buffer.byteLength(lastUserText(task.messages)) > limitBytes ||
          Buffer.byteLength(task.truth.reference) > 90,
      )

      expect(tooLong).toEqual([])
    })

    if (tasksOf(family, 1)[0]?.verifier !== undefined) testVerifier(family)
  })
}

function testVerifier(family: Family): void {
  const verifiedTasks = tasksOf(family, 100).flatMap(({ truth, verifier }) =>
    verifier === undefined ? [] : [{ reference: truth.reference, verifier }],
  )

  test('has a verifier that accepts the reference', () => {
    const refused = verifiedTasks.filter(({ reference, verifier }) => !passes(reference, verifier))

    expect(refused).toEqual([])
  })

  test('has a verifier that rejects nearly every spoiled answer', () => {
    const random = seededRandom(9)

    const rejected = verifiedTasks.filter(
      ({ reference, verifier }) => !passes(family.spoil(reference, random), verifier),
    )

    expect(rejected.length).toBeGreaterThanOrEqual(90)
  })
}
