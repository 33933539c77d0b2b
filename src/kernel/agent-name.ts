/** The three agents: King coordinates, Sage researches, Magi codes. */
export const agentNames = ['king', 'sage', 'magi'] as const

export type AgentName = (typeof agentNames)[number]

export function isAgentName(value: string): value is AgentName {
  return (agentNames as readonly string[]).includes(value)
}
