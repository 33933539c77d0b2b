import { Group, Paper, Progress, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { agentTitle } from '../loop/loop-stages.ts'
import { agoText, countText, latencyText, shareText, shortHash } from '../page/format.ts'
import page from '../page/page.module.css'
import { agentColors } from './agent-badge.tsx'
import classes from './agent-card.module.css'
import { certificateSentence } from './certificate-words.ts'
import { TargetControl } from './target-control.tsx'
import { trainingProgress } from './training-progress.ts'

type Agent = VillageStatus['agents'][number]

const roles = { king: 'coordinates', sage: 'researches', magi: 'codes' } as const

export function AgentCard(props: {
  readonly agent: Agent
  readonly runs: readonly VillageStatus['runs'][number][]
  readonly nowMs: number
  readonly apiKey: string
}) {
  const { agent } = props
  const color = agentColors[agent.name]
  const progress = trainingProgress(agent, props.runs)
  const titleId = `agent-${agent.name}`
  return (
    <Paper component="article" className={page.card} aria-labelledby={titleId}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs">
        <div>
          <Group gap={8} wrap="nowrap" align="baseline">
            <span
              className={classes.dot}
              style={{ background: `var(--mantine-color-${color}-5)` }}
            />
            <Title order={3} id={titleId} className={classes.name}>
              {agentTitle(agent.name)}
            </Title>
            <Text size="sm" c="dimmed">
              {roles[agent.name]}
            </Text>
          </Group>
          <Text size="xs" c="dimmed" mt={2}>
            {countText(agent.tasks)} tasks
          </Text>
        </div>
        <div className={classes.share}>
          <Text className={classes.shareFigure}>{shareText(agent.localShare)}</Text>
          <Text size="xs" c="dimmed">
            local
          </Text>
        </div>
      </Group>

      <QualityLine agent={agent} color={color} />

      <dl className={classes.facts}>
        <Fact name="Frontier">{agent.frontierModel}</Fact>
        <Fact name="Teacher">{agent.teacherModel ?? 'none'}</Fact>
        <Fact name="Local model">
          {agent.localModel}
          {agent.checkpoint ? (
            <>
              {' '}
              <code className={page.hash} title={agent.checkpoint.hash}>
                {shortHash(agent.checkpoint.hash)}
              </code>{' '}
              <Text span size="xs" c="dimmed">
                promoted {agoText(agent.checkpoint.promotedAtMs, props.nowMs)}
              </Text>
            </>
          ) : (
            <Text span size="xs" c="dimmed">
              {' '}
              no checkpoint promoted yet
            </Text>
          )}
        </Fact>
        <Fact name="Threshold">
          <span className={page.digits}>{agent.threshold.toFixed(2)}</span>{' '}
          <Text span size="xs" c="dimmed">
            {agent.policy} policy
          </Text>
        </Fact>
        <Fact name="Target">
          <TargetControl agent={agent} apiKey={props.apiKey} />
        </Fact>
        {agent.certificate !== null && (
          <Fact name="Certificate">{certificateSentence(agent.certificate)}</Fact>
        )}
        {agent.candidates.map(({ model, certificate }) => (
          <Fact key={model} name="Candidate">
            {model}:{' '}
            {certificate === null ? 'too few tries to judge it' : certificateSentence(certificate)}
          </Fact>
        ))}
        <Fact name="Latency">
          {latencyText(agent.localLatencyMs)} local, {latencyText(agent.frontierLatencyMs)} frontier
        </Fact>
      </dl>

      <Group justify="space-between" gap="xs" mb={6} mt="md" wrap="nowrap">
        <Text size="xs" fw={600}>
          {progress.running ? 'Training now' : 'Next training'}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {progress.words}
        </Text>
      </Group>
      <Progress
        value={progress.percent}
        color={color}
        size="sm"
        animated={progress.running}
        aria-label={`${agentTitle(agent.name)}: ${progress.words}`}
      />
      <Text size="xs" c="dimmed" mt={6}>
        {countText(agent.trainingExamples)} examples to train on, {countText(agent.heldOutExamples)}{' '}
        held out
      </Text>
    </Paper>
  )
}

/** Measured quality as a bar with a mark where the target is. */
function QualityLine({ agent, color }: { readonly agent: Agent; readonly color: string }) {
  const words =
    agent.localQuality === null
      ? 'not measured yet'
      : `${shareText(agent.localQuality)} of ${countText(agent.localQualitySamples)} compared`
  return (
    <div className={classes.quality}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" fw={600}>
          Local quality
        </Text>
        <Text size="xs" c="dimmed">
          {words} ·{' '}
          {agent.targetQuality === null
            ? 'not bounded'
            : `target ${shareText(agent.targetQuality)}`}
        </Text>
      </Group>
      <div className={classes.track}>
        <Progress
          value={(agent.localQuality ?? 0) * 100}
          color={color}
          size="sm"
          aria-label={`${agentTitle(agent.name)}, local quality: ${words}`}
        />
        {agent.targetQuality !== null && (
          <span className={classes.target} style={{ left: `${agent.targetQuality * 100}%` }} />
        )}
      </div>
    </div>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
