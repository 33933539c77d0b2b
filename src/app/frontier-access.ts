import { startSimulatedFrontier } from './simulated-frontier.ts'

export type FrontierAccess = {
  readonly baseUrl: string
  readonly apiKey: string
  readonly simulated: boolean
  close(): Promise<void>
}

const openRouterUrl = 'https://openrouter.ai/api/v1'

/** OpenRouter when there is a key for it, else the simulated one in a process of its own. */
export async function frontierAccess(options: {
  readonly environment: NodeJS.ProcessEnv
  readonly seed: number
}): Promise<FrontierAccess> {
  const apiKey = options.environment['OPENROUTER_API_KEY']
  if (apiKey !== undefined && apiKey !== '') {
    return {
      baseUrl: options.environment['OPENROUTER_BASE_URL'] ?? openRouterUrl,
      apiKey,
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
    apiKey: 'simulated',
    simulated: true,
    close: () => frontier.close(),
  }
}
