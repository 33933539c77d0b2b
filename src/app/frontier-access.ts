import { InvalidRequestError } from '../kernel/errors.ts'
import type { FrontierKey } from './frontier-catalogue.ts'
import { startSimulatedFrontier } from './simulated-frontier.ts'

export type FrontierAccess = {
  readonly baseUrl: string
  readonly apiKey: string
  readonly simulated: boolean
  /** Keys beside the first. */
  readonly otherKeys: readonly FrontierKey[]
  close(): Promise<void>
}

const openRouterUrl = 'https://openrouter.ai/api/v1'

/**
 * OpenRouter when there is a key for it, else the simulated one in a process of its own. Throws
 * `InvalidRequestError` when only some of the keys are there.
 */
export async function frontierAccess(options: {
  readonly environment: NodeJS.ProcessEnv
  readonly seed: number
  /** The environment's variables that hold the keys. */
  readonly keyVariables: readonly string[]
}): Promise<FrontierAccess> {
  const [first, ...otherKeys] = keysFrom(options.environment, options.keyVariables)
  if (first !== undefined) {
    const { apiKey } = first
    return {
      baseUrl: options.environment['OPENROUTER_BASE_URL'] ?? openRouterUrl,
      apiKey,
      otherKeys,
      simulated: false,
      close: () => Promise.resolve(),
    }
  }
  const frontier = await startSimulatedFrontier({
    seed: options.seed,
    // Answers take as long as real ones would, unless whoever tests is in a hurry.
    latency: options.environment['VILLAGE_SIMULATED_LATENCY'] === 'none' ? 'counted' : 'real',
  })
  return {
    baseUrl: frontier.baseUrl,
    apiKey: frontier.apiKey,
    otherKeys: [],
    simulated: true,
    close: () => frontier.close(),
  }
}

function keysFrom(
  environment: NodeJS.ProcessEnv,
  variables: readonly string[],
): readonly FrontierKey[] {
  const keys = variables.map((name) => ({ name, apiKey: environment[name] ?? '' }))
  const missing = keys.filter(({ apiKey }) => apiKey === '').map(({ name }) => name)
  if (missing.length === keys.length) return []
  if (missing.length === 0) return keys
  throw new InvalidRequestError(
    `village.json takes keys of OpenRouter from ${variables.join(', ')}, of which ${missing.join(', ')} is not set. Set it, or take it out of frontier.apiKeyVariables.`,
  )
}
