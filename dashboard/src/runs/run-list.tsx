import { Accordion, Badge, Group, Paper, Progress, Text, Title } from '@mantine/core'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { AgentBadge, agentColors } from '../agents/agent-badge.tsx'
import { runPercent } from '../agents/training-progress.ts'
import { runStepText } from '../loop/loop-stages.ts'
import { agoText, durationText, shortHash } from '../page/format.ts'
import { FewFirst } from '../page/few-first.tsx'
import page from '../page/page.module.css'
import { GateVerdict } from './gate-verdict.tsx'
import { runLabels } from './gate-words.ts'
import { namedMetrics } from './metric-words.ts'
import classes from './runs.module.css'

const accordionClasses = {
  content: classes.content,
  item: classes.item,
  control: classes.control,
  label: classes.label,
}

type Run = VillageStatus['runs'][number]

export function RunList(props: { readonly runs: readonly Run[]; readonly nowMs: number }) {
  return (
    <Paper component="section" className={page.card} aria-labelledby="runs-title">
      <Title order={2} id="runs-title" className={page.cardTitle}>
        Training runs
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        A candidate serves only when it beats the model now serving on tasks that neither has seen
      </Text>
      {props.runs.length === 0 ? (
        <Text size="sm" c="dimmed" py="xl" ta="center">
          No run yet. Training starts by itself once an agent has enough examples.
        </Text>
      ) : (
        <FewFirst items={props.runs} few={6}>
          {(shown) => (
            <Accordion order={3} classNames={accordionClasses}>
              {shown.map((run) => (
                <Accordion.Item key={run.id} value={run.id}>
                  <Accordion.Control>
                    <RunLine run={run} nowMs={props.nowMs} />
                  </Accordion.Control>
                  <Accordion.Panel>
                    <RunDetails run={run} nowMs={props.nowMs} />
                  </Accordion.Panel>
                </Accordion.Item>
              ))}
            </Accordion>
          )}
        </FewFirst>
      )}
    </Paper>
  )
}

function RunLine({ run, nowMs }: { readonly run: Run; readonly nowMs: number }) {
  const label = runLabels[run.status]
  const underWay = run.status === 'running' || run.status === 'evaluating'
  return (
    <>
      <Group gap={8} wrap="nowrap">
        <AgentBadge agent={run.agent} />
        <Badge variant={underWay ? 'filled' : 'light'} color={label.color} size="sm">
          {label.text}
        </Badge>
        <Text size="xs" c="dimmed" ml="auto" className={page.nowrap}>
          {agoText(run.finishedAtMs ?? run.startedAtMs, nowMs)}
        </Text>
      </Group>
      <Text size="sm" mt={6}>
        {runSentence(run)}
      </Text>
      {run.status === 'running' && (
        <Progress
          mt={8}
          size="sm"
          value={runPercent(run)}
          color={agentColors[run.agent]}
          animated
          aria-label={`${run.phase}, step ${run.step} of ${run.maxSteps}`}
        />
      )}
    </>
  )
}

function runSentence(run: Run): string {
  if (run.status === 'running') {
    const loss = run.metrics['loss']
    return `${runStepText(run)}${loss === undefined ? '' : `, loss ${loss.toFixed(3)}`}`
  }
  if (run.status === 'evaluating') return 'Answering the held-out tasks in the serving runtime'
  return run.gate?.why ?? run.reason ?? `Trigger: ${run.trigger}`
}

function RunDetails({ run, nowMs }: { readonly run: Run; readonly nowMs: number }) {
  const metrics = namedMetrics(run.metrics)
  return (
    <>
      <Text size="xs" c="dimmed">
        Trigger: {run.trigger} · took {durationText((run.finishedAtMs ?? nowMs) - run.startedAtMs)}
        {run.checkpointHash && (
          <>
            {' '}
            · checkpoint <code className={page.hash}>{shortHash(run.checkpointHash)}</code>
          </>
        )}
      </Text>
      {run.reason && run.reason !== run.gate?.why && (
        <Text size="sm" mt="xs">
          {run.reason}
        </Text>
      )}
      {metrics.length > 0 && (
        <dl className={classes.metrics}>
          {metrics.map((metric) => (
            <div key={metric.name}>
              <dt>{metric.name}</dt>
              <dd>{metric.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {run.gate && <GateVerdict gate={run.gate} />}
    </>
  )
}
