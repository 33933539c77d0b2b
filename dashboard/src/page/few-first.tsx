import { Button, Group } from '@mantine/core'
import { type ReactNode, useState } from 'react'

/** The first few of a long list, and the button that shows the rest. */
export function FewFirst<T>(props: {
  readonly items: readonly T[]
  readonly few: number
  readonly children: (shown: readonly T[]) => ReactNode
}) {
  const [all, setAll] = useState(false)
  const { items, few } = props
  return (
    <>
      {props.children(all ? items : items.slice(0, few))}
      {items.length > few && (
        <Group justify="center" mt="sm">
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${items.length}`}
          </Button>
        </Group>
      )}
    </>
  )
}
