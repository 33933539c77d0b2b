import { Text } from '@mantine/core'
import page from '../page/page.module.css'
import classes from './decisions.module.css'

/** Complexity as a bar from 0 to 1 with a mark at the threshold; below the mark a task stays local. */
export function ComplexityGauge(props: {
  readonly complexity: number | null
  readonly threshold: number | null
}) {
  const { complexity, threshold } = props
  if (complexity === null || threshold === null) {
    return (
      <Text size="xs" c="dimmed" className={classes.gauge}>
        model named by the client
      </Text>
    )
  }
  const sign = complexity < threshold ? '<' : '≥'
  return (
    <div className={classes.gauge}>
      <Text size="xs" className={page.digits}>
        {complexity.toFixed(2)} {sign} {threshold.toFixed(2)}
      </Text>
      <div className={classes.bar} aria-hidden>
        <span
          className={classes.fill}
          data-below={complexity < threshold || undefined}
          style={{ width: `${complexity * 100}%` }}
        />
        <span className={classes.mark} style={{ left: `${threshold * 100}%` }} />
      </div>
    </div>
  )
}
