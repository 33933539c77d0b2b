import { getQuickJS, shouldInterruptAfterDeadline } from 'quickjs-emscripten'
import type { CodeRunResult } from '../kernel/code-runner.ts'

export type RunLimits = { readonly timeoutMs: number; readonly memoryBytes: number }

const stackBytes = 512 * 1024

/**
 * Runs code, then its tests, in a fresh QuickJS interpreter compiled to WebAssembly. Nothing of
 * the host is reachable: no files, network, process, modules or timers. Asynchronous tests are not
 * awaited; a test fails by throwing.
 */
export async function runJavascript(
  code: string,
  tests: string,
  limits: RunLimits,
): Promise<CodeRunResult> {
  const quickJs = await getQuickJS()
  const runtime = quickJs.newRuntime()
  runtime.setMemoryLimit(limits.memoryBytes)
  runtime.setMaxStackSize(stackBytes)
  runtime.setInterruptHandler(shouldInterruptAfterDeadline(Date.now() + limits.timeoutMs))
  const context = runtime.newContext()
  try {
    for (const [part, source] of [
      ['the code', withoutExports(code)],
      ['the tests', tests],
    ] as const) {
      const result = context.evalCode(source, part === 'the code' ? 'answer.js' : 'tests.js', {
        type: 'global',
      })
      if (result.error !== undefined) {
        const thrown: unknown = result.error.consume((handle) => context.dump(handle))
        return { passed: false, reason: `${part} failed: ${describeThrown(thrown)}` }
      }
      result.value.dispose()
    }
    return { passed: true }
  } finally {
    context.dispose()
    runtime.dispose()
  }
}

/** `export` is a module's word; the tests see the names of a script. */
function withoutExports(code: string): string {
  return code.replaceAll(
    /^export\s+(?:default\s+)?(?=(?:async\s+)?function\b|class\b|const\b|let\b|var\b)/gm,
    '',
  )
}

function describeThrown(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown).slice(0, 300)
  const { name, message } = thrown as { name?: unknown; message?: unknown }
  const text = [name, message].filter((part) => typeof part === 'string').join(': ')
  return (text === '' ? 'it threw an object' : text).slice(0, 300)
}
