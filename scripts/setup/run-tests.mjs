import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setUpNodeSide, villageEnvironment, villageNode } from './node-side.mjs'
import { inProject } from './paths.mjs'
import { environmentPython, setUpPythonSide } from './python-side.mjs'
import { runVisibly } from './run-command.mjs'
import { endWithProblem } from './setup-problem.mjs'

/**
 * Runs vitest and pytest, both whatever becomes of the other. Arguments go to vitest, those that
 * name a Python test (`trainer/…`) to pytest; with arguments only the runners that got some run.
 * @param {readonly string[]} args
 */
export async function runTests(args) {
  try {
    await setUpNodeSide()
    await setUpPythonSide({ withDevelopmentTools: true })
    const pytestArgs = args.filter((arg) => arg.startsWith('trainer/'))
    const vitestArgs = args.filter((arg) => !arg.startsWith('trainer/'))
    const closingLines = []
    let failed = false
    if (args.length === 0 || vitestArgs.length > 0) {
      const { passed, line } = await runVitest(vitestArgs)
      closingLines.push(line)
      failed ||= !passed
    }
    if (args.length === 0 || pytestArgs.length > 0) {
      failed = !(await runPytest(pytestArgs)) || failed
    }
    for (const line of closingLines) process.stdout.write(`${line}\n`)
    process.exitCode = failed ? 1 : 0
  } catch (error) {
    endWithProblem(error)
  }
}

/** The counts come from vitest's own report, for readers that do not know its closing lines. */
async function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'village-tests-'))
  const report = join(folder, 'vitest.json')
  const code = await runVisibly(
    villageNode(),
    [
      inProject('node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    { env: villageEnvironment() },
  )
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
    return {
      passed: code === 0 && numPassedTests > 0,
      line: `vitest: ${numPassedTests} passed, ${numFailedTests} failed`,
    }
  } catch {
    return { passed: false, line: `vitest ended with exit code ${code} and no report` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns {Promise<boolean>} whether tests ran and all passed */
async function runPytest(args) {
  const inTrainer = args.map((arg) => arg.replace(/^trainer\//, ''))
  const code = await runVisibly(environmentPython, ['-m', 'pytest', ...inTrainer], {
    cwd: inProject('trainer'),
    env: villageEnvironment(),
  })
  return code === 0
}
