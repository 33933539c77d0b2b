import { setUpNodeSide, villageEnvironment } from './node-side.mjs'
import { inProject } from './paths.mjs'
import { environmentPython, setUpPythonSide } from './python-side.mjs'
import { runVisibly } from './run-command.mjs'
import { endWithProblem } from './setup-problem.mjs'

/** The import rules are one of oxlint's rules: scripts/lint/village-rules.mjs. */
const checks = [
  ['format', 'oxfmt', '--check'],
  ['lint and import rules', 'oxlint', '--deny-warnings'],
  ['types', 'tsc', '-p', '.'],
  ['types of the dashboard', 'tsc', '-p', 'dashboard'],
  ['unused files, exports and packages', 'knip'],
  ['Python lint', environmentPython, '-m', 'ruff', 'check', 'trainer'],
  ['Python format', environmentPython, '-m', 'ruff', 'format', '--check', 'trainer'],
  ['Python types', 'pyright', '--pythonpath', environmentPython, '--project', inProject('trainer')],
]

/** Runs every check, whatever becomes of the others. */
export async function runChecks() {
  try {
    await setUpNodeSide()
    await setUpPythonSide({ withDevelopmentTools: true })
    const failed = []
    for (const [name, command, ...args] of checks) {
      process.stdout.write(`── ${name}\n`)
      const code = await runVisibly(command, args, { env: villageEnvironment() })
      if (code !== 0) failed.push(name)
    }
    if (failed.length > 0) {
      process.stdout.write(`Checks that failed: ${failed.join('; ')}\n`)
      process.exitCode = 1
      return
    }
    process.stdout.write(`All ${checks.length} checks passed\n`)
  } catch (error) {
    endWithProblem(error)
  }
}
