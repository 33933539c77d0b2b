import type { AgentName } from '../../kernel/agent-name.ts'
import type { LocalModels, ModelCatalogue } from '../../kernel/model-adapter.ts'
import type { Task } from '../../kernel/task.ts'
import type { AuditMoney } from '../access/audit-money.ts'
import { callBeside } from './call-beside.ts'
import type { ModelCall } from '../answering/model-call.ts'
import type { PlannedTask } from '../planning/planned-task.ts'
import type { Candidate } from '../answering/serve-with-fallback.ts'
import type { TaskRouter } from '../planning/task-router.ts'

type Parts = Parameters<typeof callBeside>[0] & {
  readonly auditMoney: AuditMoney
  readonly catalogue: ModelCatalogue
  readonly local: LocalModels
  readonly router: TaskRouter
  readonly frontierModels: Readonly<Record<AgentName, string>>
  readonly teacherModels: Readonly<Record<AgentName, string | null>>
  readonly signal: AbortSignal
}

/** An audit: what the frontier says to a task that was served locally. Null where it is refused. */
export async function askFrontier(task: Task, parts: Parts): Promise<ModelCall | null> {
  const { catalogue, router, frontierModels, signal, auditMoney } = parts
  const adapter = await catalogue.adapter(frontierModels[task.agent], signal)
  const request = router.composeFrontier(task, adapter)
  const call = await callBeside(parts, task, 'audit', { route: 'frontier', adapter, request })
  if (call === null) auditMoney.noteRefused(request, adapter.description)
  return call
}

/** Null where the agent has no teacher. */
export async function askTeacher(task: Task, parts: Parts): Promise<ModelCall | null> {
  const { catalogue, router, teacherModels, signal } = parts
  const teacher = teacherModels[task.agent]
  if (teacher === null) return null
  const adapter = await catalogue.adapter(teacher, signal)
  return callBeside(parts, task, 'teacher', {
    route: 'frontier',
    adapter,
    request: router.composeFrontier(task, adapter),
  })
}

/** A shadow run: what the local model says to a task that the frontier answered. */
export function askLocal(planned: PlannedTask, parts: Parts): Promise<ModelCall | null> {
  const { task, streamed } = planned
  const { router, local } = parts
  const watch = router.watch(planned)
  const candidate: Candidate = {
    route: 'local',
    adapter: local.forAgent(task.agent),
    request: router.composeLocal(task),
    ...(watch !== undefined && { watch: { ...watch, judge: null } }),
  }
  return callBeside(parts, task, 'shadow', candidate, watch !== undefined && streamed)
}
