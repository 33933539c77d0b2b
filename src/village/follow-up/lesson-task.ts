import type { LocalModels } from '../../kernel/model-adapter.ts'
import { studentMessages } from '../../kernel/response-format.ts'
import type { Task } from '../../kernel/task.ts'
import { beyondLocal } from '../planning/beyond-local.ts'

/**
 * The task as the local model is taught and examined on it, or null where nothing is to be learnt:
 * an answer is another one where tools, plugins or the like were at hand, which the local model never
 * has, and one that a stop sequence may have ended is not whole.
 */
export function lessonTask(task: Task, local: Pick<LocalModels, 'forAgent'>): Task | null {
  const { request } = task
  if ((request.sampling.stop ?? []).length > 0) return null
  if (beyondLocal(request, local.forAgent(task.agent)) !== null) return null
  return { ...task, request: { ...request, messages: studentMessages(request) } }
}
