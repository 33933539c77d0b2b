import { Center, Paper, Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import classes from '../page/page.module.css'

/** A titled chart; `summary` says in words what it shows, for those who cannot see it. */
export function ChartCard(props: {
  readonly title: string
  readonly figure: string
  readonly note: string
  readonly summary: string
  readonly empty: string | null
  readonly children: ReactNode
}) {
  const titleId = useId()
  return (
    <Paper className={classes.card} component="section" aria-labelledby={titleId}>
      <div className={classes.cardHead}>
        <Title order={3} id={titleId} className={classes.cardTitle}>
          {props.title}
        </Title>
        <Text className={classes.cardFigure}>{props.figure}</Text>
      </div>
      <Text size="xs" c="dimmed" mb="sm">
        {props.note}
      </Text>
      {props.empty === null ? (
        <div role="img" aria-label={props.summary}>
          {props.children}
        </div>
      ) : (
        <Center h={220} px="lg">
          <Text size="sm" c="dimmed" ta="center">
            {props.empty}
          </Text>
        </Center>
      )}
    </Paper>
  )
}
