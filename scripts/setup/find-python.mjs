import { runCommand } from './run-command.mjs'
import { SetupProblem } from './setup-problem.mjs'

const candidates = ['python3.13', 'python3.12', 'python3.11', 'python3']
const oldest = [3, 11]

const probe =
  'import sys, json, importlib.util as u; ' +
  'print(json.dumps({"version": sys.version_info[:3], ' +
  '"venv": all(u.find_spec(m) is not None for m in ("venv", "ensurepip"))}))'

/**
 * The newest suitable Python on the machine. Throws `SetupProblem` that says what was found and
 * what is needed.
 * @returns {Promise<string>}
 */
export async function findPython() {
  const found = []
  for (const name of candidates) {
    const { code, stdout } = await runCommand(name, ['-c', probe])
    if (code !== 0) continue
    const { version, venv } = JSON.parse(stdout)
    if (isNewEnough(version) && venv) return name
    const lack = isNewEnough(version) ? ' without the modules venv and ensurepip' : ''
    found.push(`${name} is Python ${version.join('.')}${lack}`)
  }
  throw new SetupProblem(
    `Training needs Python ${oldest.join('.')} or newer with venv; ` +
      (found.length === 0 ? `none of ${candidates.join(', ')} is there` : found.join(', ')) +
      '. Install it (Debian and Ubuntu: apt install python3 python3-venv; macOS: brew install ' +
      'python@3.13) and run the command again.',
  )
}

function isNewEnough([major, minor]) {
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}
