/** Something that the user has to put right; the message says what and how. */
export class SetupProblem extends Error {
  name = 'SetupProblem'
}

/** Everything goes to stderr: stdout belongs to the command that follows. */
export function say(text) {
  process.stderr.write(`[setup] ${text}\n`)
}

/** @param {unknown} error @returns {never} */
export function endWithProblem(error) {
  if (error instanceof SetupProblem) say(error.message)
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
}
