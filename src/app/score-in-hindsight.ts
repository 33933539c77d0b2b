import type { AgentName } from '../kernel/agent-name.ts'
import { isQualityTarget } from '../kernel/target.ts'
import type { ScoredTask } from '../simulation/hindsight.ts'
import type { AnsweredTask } from '../simulation/simulation-environment.ts'
import type { OpenVillage } from './open-village.ts'

type Known = { readonly text: string; readonly checkpoint: string | null }
type Scored = { readonly score: number; readonly checkpoint: string | null }

/**
 * By task: the score that its certificate had for it and whether its local answer was a loss. Tasks
 * without a local answer or a score are left out.
 */
export async function scoreInHindsight(
  answered: readonly AnsweredTask[],
  { store, targetOf }: Pick<OpenVillage, 'store' | 'targetOf'>,
  frontierRight: (task: AnsweredTask) => boolean,
): Promise<ReadonlyMap<string, ScoredTask>> {
  const answers = new Map<string, Known>()
  for await (const { taskId, modelKind, answer: text, checkpoint, error } of store.ledger.scan(
    'interaction',
  )) {
    if (modelKind === 'local' && error === null) answers.set(taskId, { text, checkpoint })
  }
  const scores = new Map<string, Scored>()
  for await (const { taskId, route, complexity, certificate, checkpoint } of store.ledger.scan(
    'decision',
  )) {
    if (route === 'local' && certificate !== undefined && complexity !== null) {
      scores.set(taskId, { score: complexity, checkpoint })
    }
  }
  for await (const { taskId, checkpoint, certificates } of store.ledger.scan('comparison')) {
    // The first mark is that of the certificate in force; the others are still being earned.
    const [mark] = certificates ?? []
    if (mark !== undefined) scores.set(taskId, { score: mark.score, checkpoint })
  }
  const scored = answered.flatMap((task): readonly (readonly [string, ScoredTask])[] => {
    const answer = answers.get(task.taskId)
    const known = scores.get(task.taskId)
    if (answer === undefined || known === undefined) return []
    if (answer.checkpoint !== known.checkpoint) return []
    const { score, checkpoint } = known
    const loss = frontierRight(task) && !task.task.truth.isRight(answer.text)
    const group = `${task.agent}:${checkpoint ?? 'base'}`
    const local = task.route === 'local'
    return [[task.taskId, { group, score, loss, local, alpha: alphaOf(task.agent, targetOf) }]]
  })
  return new Map(scored)
}

function alphaOf(agent: AgentName, targetOf: OpenVillage['targetOf']): number {
  const target = targetOf(agent)
  return isQualityTarget(target) ? target.alpha : 0
}
