import { Badge } from '@mantine/core'
import type { ConnectionState } from '../api/follow-status.ts'
import classes from './header.module.css'

const looks = {
  connecting: { text: 'connecting …', color: 'gray' },
  live: { text: 'live', color: 'teal' },
  reconnecting: { text: 'reconnecting …', color: 'orange' },
  refused: { text: 'key refused', color: 'red' },
} as const satisfies Record<ConnectionState['kind'], { text: string; color: string }>

export function ConnectionBadge({ connection }: { readonly connection: ConnectionState }) {
  const look = looks[connection.kind]
  return (
    <Badge
      role="status"
      aria-label={`Connection: ${look.text}`}
      variant="light"
      color={look.color}
      leftSection={<span className={classes.pulse} />}
      data-connection={connection.kind}
    >
      {look.text}
    </Badge>
  )
}
