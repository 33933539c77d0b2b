import { ForbiddenError } from '../../kernel/access-errors.ts'
import { mayUseModel } from '../../kernel/api-key.ts'
import type { ApiKey } from '../../kernel/api-key.ts'
import { agentModelName } from '../planning/resolve-model.ts'
import type { AnswerInput } from '../village-service.ts'

/** Throws `ForbiddenError` for a model, fallbacks included, that the key may not use. */
export function requireAllowedModels(
  caller: ApiKey,
  asked: Pick<AnswerInput, 'requestedModel' | 'fallbackModels'>,
): void {
  if (caller.allowedModels === null) return
  for (const model of [asked.requestedModel, ...(asked.fallbackModels ?? [])]) {
    if (mayUseModel(caller, model) || mayUseModel(caller, agentModelName(model))) continue
    throw new ForbiddenError(
      `This key may not use "${model.slice(0, 256)}". It may use: ${caller.allowedModels.join(', ')}.`,
      { code: 'model_not_allowed', param: 'model' },
    )
  }
}
