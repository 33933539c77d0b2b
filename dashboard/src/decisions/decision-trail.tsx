import { Alert, Button, Group, Loader, Text, Timeline } from '@mantine/core'
import type { ReactNode } from 'react'
import type { DecisionTrail as Trail } from '../../../src/http/contract.ts'
import { AgentBadge } from '../agents/agent-badge.tsx'
import { useDecisionTrail } from '../api/use-decision-trail.ts'
import { clockText, countedText, latencyText, moneyText, shortHash } from '../page/format.ts'
import page from '../page/page.module.css'
import { ComplexityGauge } from './complexity-gauge.tsx'
import classes from './decisions.module.css'
import { RouteBadge } from './route-badge.tsx'
import {
  alternativeSentence,
  comparisonSentence,
  effectText,
  purposeText,
  rightsText,
  servedBy,
} from './trail-words.ts'

/** One decision from the request to the saving. */
export function DecisionTrail(props: { readonly apiKey: string; readonly decisionId: string }) {
  const trail = useDecisionTrail(props.apiKey, props.decisionId)
  if (trail.isPending) {
    return (
      <Group gap="sm">
        <Loader size="sm" />
        <Text size="sm">Looking the decision up …</Text>
      </Group>
    )
  }
  if (trail.isError) {
    return (
      <Alert color="red" title="The decision could not be shown">
        <Text size="sm" mb="sm">
          {trail.error.message}
        </Text>
        <Button size="xs" variant="light" color="red" onClick={() => void trail.refetch()}>
          Try again
        </Button>
      </Alert>
    )
  }
  return <TrailSteps trail={trail.data} />
}

function TrailSteps({ trail }: { readonly trail: Trail }) {
  const { decision, checkpoint, dataset } = trail
  return (
    <Timeline bulletSize={18} lineWidth={2} active={6}>
      <Step title="Request">
        <Group gap={6} my={4}>
          <AgentBadge agent={decision.agent} />
          <Text size="xs" c="dimmed">
            {clockText(decision.atMs)}
          </Text>
        </Group>
        <pre className={classes.answer}>{decision.preview}</pre>
      </Step>
      <Step title="Route and reason">
        <Group gap={6} my={4}>
          <RouteBadge route={decision.route} />
          <Text size="sm">{decision.model}</Text>
        </Group>
        <Text size="sm">{decision.reason}</Text>
        {trail.explanation !== null && <Explained explanation={trail.explanation} />}
        {trail.certificate !== null && (
          <Text size="xs" c="dimmed" mt={4}>
            {servedBy(trail.certificate)}
          </Text>
        )}
        <Text size="xs" c="dimmed" mt={6}>
          Complexity against threshold
        </Text>
        <ComplexityGauge complexity={decision.complexity} threshold={decision.threshold} />
      </Step>
      <Step title="Checkpoint">
        {checkpoint ? (
          <Text size="sm">
            <code className={page.hash}>{shortHash(checkpoint.hash)}</code> from training run{' '}
            <code className={page.hash}>{checkpoint.trainingRunId}</code>
          </Text>
        ) : (
          <Text size="sm" c="dimmed">
            None: no trained checkpoint took part.
          </Text>
        )}
      </Step>
      <Step title="Dataset and its rights">
        {dataset ? (
          <Text size="sm">
            {countedText(dataset.examples, 'example')}, version{' '}
            <code className={page.hash}>{shortHash(dataset.hash)}</code>
            <br />
            Right to train: {rightsText(dataset.byRight)}
          </Text>
        ) : (
          <Text size="sm" c="dimmed">
            None behind this answer.
          </Text>
        )}
      </Step>
      <Step title="Model calls and comparisons">
        <ModelCalls trail={trail} />
      </Step>
      <Step title="Saving">
        <Text size="sm">
          {trail.savedUsd > 0
            ? `${moneyText(trail.savedUsd)} less than asking the frontier`
            : trail.savedUsd < 0
              ? `${moneyText(-trail.savedUsd)} more than asking the frontier alone: comparing costs`
              : 'None: this answer cost what the frontier costs.'}
        </Text>
      </Step>
    </Timeline>
  )
}

function Explained({ explanation }: { readonly explanation: NonNullable<Trail['explanation']> }) {
  return (
    <>
      {explanation.weighed.length > 0 && (
        <Text size="xs" c="dimmed" mt={6}>
          What weighed most, in points of a lost local answer
        </Text>
      )}
      <ul className={classes.weighed}>
        {explanation.weighed.map(({ what, effect }) => (
          <li key={what}>
            <span className={page.digits}>{effectText(effect)}</span> {what}
          </li>
        ))}
      </ul>
      <Text size="xs" c="dimmed" mt={4}>
        {alternativeSentence(explanation.alternative)}
      </Text>
    </>
  )
}

function Step({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Timeline.Item
      title={
        <Text size="sm" fw={600}>
          {title}
        </Text>
      }
    >
      {children}
    </Timeline.Item>
  )
}

function ModelCalls({ trail }: { readonly trail: Trail }) {
  return (
    <>
      {trail.interactions.map((interaction) => (
        <div key={interaction.id}>
          <Text size="sm" mt={8}>
            {purposeText(interaction.purpose)}
          </Text>
          <Text size="xs" c="dimmed" className={page.anywhere}>
            {interaction.model} · {moneyText(interaction.costUsd)} ·{' '}
            {latencyText(interaction.latencyMs)}
          </Text>
          {interaction.error ? (
            <Text size="sm" c="red">
              Failed: {interaction.error}
            </Text>
          ) : (
            <pre className={classes.answer}>{interaction.answer}</pre>
          )}
        </div>
      ))}
      {trail.comparisons.map((comparison) => (
        <Text key={comparison.id} size="sm" mt={8}>
          {comparisonSentence(comparison)}{' '}
          <Text span size="xs" c="dimmed">
            made with probability {comparison.probability.toFixed(2)}
          </Text>
        </Text>
      ))}
      {trail.comparisons.length === 0 && (
        <Text size="sm" c="dimmed" mt={8}>
          Not compared with another answer.
        </Text>
      )}
    </>
  )
}
