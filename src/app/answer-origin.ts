import type { VillageSettings } from '../village/settings.ts'
import { agentsSettingsFrom } from './agent-settings.ts'

/**
 * All of the configuration that changes answers, as one text: providers, the operator's servers with
 * what they call each model, prompts and models of the agents. Answers kept under another origin are
 * not given again; weights and draining change nothing.
 */
export function answerOrigin(
  settings: VillageSettings,
  frontier: { readonly baseUrl: string; readonly simulated: boolean },
): string {
  const addresses = Object.entries(settings.servers).map(([name, { baseUrl }]) => [name, baseUrl])
  const models = Object.entries(settings.models).map(([id, { replicas }]) => [
    id,
    replicas.map(({ server, model }) => [server, model ?? id]),
  ])
  const provider = frontier.simulated ? 'simulated' : frontier.baseUrl
  return JSON.stringify([provider, addresses, models, agentsSettingsFrom(settings)])
}
