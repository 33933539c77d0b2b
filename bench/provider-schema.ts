import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

export type SchemaCheck = {
  /** Against a schema of the description's components, by its name. */
  component(what: string, name: string, value: unknown): void
  /** Against the schema that a path's answer with status 200 has. */
  answerOf(what: string, path: string, method: string, value: unknown): void
  fail(what: string, problem: string): void
  /** Prints the count and sets the exit code. */
  finish(): void
}

/** Checks values against an OpenAPI description in a file (.yaml or .yaml.gz). */
export function createSchemaCheck(file: string): SchemaCheck {
  const bytes = readFileSync(file)
  const text = file.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString()
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, logger: false })
  ajv.addSchema(parse(text) as object, 'provider')
  let checked = 0
  let failed = 0
  const report = (what: string, problems: readonly string[]): void => {
    checked += 1
    if (problems.length === 0) return
    failed += 1
    console.error(`${what}: ${[...new Set(problems)].join('; ')}`)
  }
  const check = (what: string, reference: string, value: unknown): void => {
    const validate = ajv.getSchema(reference) ?? ajv.compile({ $ref: reference })
    const errors = validate(value) === true ? [] : (validate.errors ?? [])
    report(
      what,
      errors.map((error) => `${error.instancePath} ${error.message ?? ''}`),
    )
  }
  return {
    component: (what, name, value) => check(what, `provider#/components/schemas/${name}`, value),
    answerOf: (what, path, method, value) =>
      check(
        what,
        `provider#/paths/~1${path}/${method}/responses/200/content/application~1json/schema`,
        value,
      ),
    fail: (what, problem) => report(what, [problem]),
    finish: () => {
      console.log(`${checked - failed} passed, ${failed} failed`)
      process.exitCode = failed === 0 && checked > 0 ? 0 : 1
    },
  }
}
