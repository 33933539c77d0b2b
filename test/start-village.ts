import { scriptedKey, startScriptedServer } from '../src/http/scripted-village.ts'

export type StartedVillage = AsyncDisposable & {
  /** Such as `http://127.0.0.1:4040`. */
  readonly url: string
  readonly key: string
}

/** A village that listens on a free port, for the tests that drive it from outside. */
export async function startVillage(): Promise<StartedVillage> {
  const server = await startScriptedServer()
  return { url: server.url, key: scriptedKey, [Symbol.asyncDispose]: () => server.close() }
}
