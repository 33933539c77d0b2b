import { parentPort } from 'node:worker_threads'
import type { CodeRunResult } from '../kernel/code-runner.ts'
import type { TaskVerifier } from '../kernel/task.ts'
import { runJavascript } from './run-javascript.ts'
import type { RunLimits } from './run-javascript.ts'
import { runSql } from './run-sql.ts'

export type CodeWorkerRequest = {
  readonly code: string
  readonly verifier: TaskVerifier
  readonly limits: RunLimits
}

/**
 * `ready` comes once, when both interpreters are loaded: loading does not count as running. After
 * `broken` (WebAssembly ran out of memory, say) the worker must not be used again.
 */
export type CodeWorkerReply =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly result: CodeRunResult }
  | { readonly type: 'broken'; readonly reason: string }

const port = parentPort
if (port === null) throw new Error('code-worker.ts runs in a worker only')

const reply = (message: CodeWorkerReply): void => port.postMessage(message)

await runJavascript('', '', { timeoutMs: 10_000, memoryBytes: 16 * 1024 * 1024 })
await runSql('SELECT 1', { setup: '', expectedRows: [[1]] }, 16 * 1024 * 1024)
port.on('message', (request: CodeWorkerRequest) => {
  void run(request).then(
    (result) => reply({ type: 'result', result }),
    (error: unknown) => reply({ type: 'broken', reason: String(error).slice(0, 300) }),
  )
})
reply({ type: 'ready' })

function run({ code, verifier, limits }: CodeWorkerRequest): Promise<CodeRunResult> {
  return verifier.language === 'javascript'
    ? runJavascript(code, verifier.tests, limits)
    : runSql(code, verifier, limits.memoryBytes)
}
