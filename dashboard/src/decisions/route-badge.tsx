import { Badge } from '@mantine/core'

export function RouteBadge({ route }: { readonly route: 'local' | 'frontier' }) {
  return (
    <Badge variant={route === 'local' ? 'filled' : 'default'} color="indigo" size="sm">
      {route}
    </Badge>
  )
}
