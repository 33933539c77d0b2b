import type { TaskVerifier } from './task.ts'

export type CodeRunResult =
  | { readonly passed: true }
  | { readonly passed: false; readonly reason: string }

/** Runs generated code against its tests, isolated from the machine. Never throws for bad code. */
export type CodeRunner = {
  run(code: string, verifier: TaskVerifier): Promise<CodeRunResult>
  close(): Promise<void>
}
