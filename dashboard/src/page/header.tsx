import { Button, Text, Title } from '@mantine/core'
import type { ConnectionState } from '../api/follow-status.ts'
import { ColorSchemeSwitch } from './color-scheme-switch.tsx'
import { ConnectionBadge } from './connection-badge.tsx'
import classes from './header.module.css'

export function Header(props: {
  readonly version: string | null
  readonly connection: ConnectionState | null
  readonly onForgetKey: (() => void) | null
}) {
  return (
    <header className={classes.header}>
      <VillageMark />
      <Title order={1} className={classes.name}>
        AI Village
      </Title>
      {props.version && (
        <Text size="xs" c="dimmed" mt={4}>
          {props.version}
        </Text>
      )}
      <div className={classes.tools}>
        {props.connection && <ConnectionBadge connection={props.connection} />}
        <ColorSchemeSwitch />
        {props.onForgetKey && (
          <Button variant="default" size="compact-sm" onClick={props.onForgetKey}>
            Change key
          </Button>
        )}
      </div>
    </header>
  )
}

function VillageMark() {
  return (
    <svg className={classes.mark} width="32" height="32" viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="var(--mantine-color-indigo-8)" />
      <path d="M6 24V15l5-5 5 5 5-5 5 5v9z" fill="#fff" />
    </svg>
  )
}
