import { Badge, Group, Paper, Text, Title } from '@mantine/core'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { AgentBadge } from '../agents/agent-badge.tsx'
import page from '../page/page.module.css'
import classes from './loop-picture.module.css'
import { loopDetail, loopHeadline, loopStages } from './loop-stages.ts'
import { StageIcon } from './stage-icon.tsx'
import { TrainerState } from './trainer-state.tsx'

export function LoopPicture({ status }: { readonly status: VillageStatus }) {
  const stages = loopStages(status)
  return (
    <Paper component="section" className={page.card} aria-labelledby="loop-title">
      <Group justify="space-between" align="flex-start" gap="xs" mb="lg">
        <div>
          <Text className={page.eyebrow}>The loop · now</Text>
          <Group gap="sm" mt={2}>
            <Title order={2} id="loop-title" className={classes.headline} aria-live="polite">
              {loopHeadline(status.loop)}
            </Title>
            {status.loop.agent && <AgentBadge agent={status.loop.agent} />}
          </Group>
          <Text size="sm" c="dimmed" mt={4}>
            {loopDetail(status)}
          </Text>
        </div>
        <TrainerState trainer={status.trainer} />
      </Group>
      <ol className={classes.stages}>
        {stages.map((stage) => (
          <li
            key={stage.name}
            className={classes.stage}
            data-stage={stage.name}
            data-running={stage.running || undefined}
            aria-current={stage.running ? 'step' : undefined}
          >
            <span className={classes.disc}>
              <StageIcon stage={stage.name} />
            </span>
            <div className={classes.words}>
              <Text component="div" className={classes.title}>
                {stage.title}
                {stage.running && (
                  <Badge size="xs" variant="filled" ml={6} className={classes.now}>
                    now
                  </Badge>
                )}
              </Text>
              <Text className={classes.figure}>{stage.figure}</Text>
              <Text className={classes.explanation}>{stage.explanation}</Text>
            </div>
          </li>
        ))}
      </ol>
      <Text className={classes.back} aria-hidden>
        and round again: what is served is recorded and compared
      </Text>
    </Paper>
  )
}
