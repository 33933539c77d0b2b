import { Badge } from '@mantine/core'
import { agentTitle } from '../loop/loop-stages.ts'

export type AgentName = 'king' | 'sage' | 'magi'

export const agentColors: Readonly<Record<AgentName, string>> = {
  king: 'orange',
  sage: 'teal',
  magi: 'grape',
}

export function AgentBadge({ agent }: { readonly agent: AgentName | null }) {
  if (agent === null) {
    return (
      <Badge variant="default" size="sm" title="The client named the model">
        direct
      </Badge>
    )
  }
  return (
    <Badge variant="light" color={agentColors[agent]} size="sm">
      {agentTitle(agent)}
    </Badge>
  )
}
