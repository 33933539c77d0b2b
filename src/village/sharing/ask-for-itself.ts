import { BudgetExceededError } from '../../kernel/access-errors.ts'
import { NotReadyError, VillageError } from '../../kernel/errors.ts'
import type { OwnPurpose } from '../../kernel/interaction.ts'
import type { AnsweredTask, AnswerInput, VillageService } from '../village-service.ts'

/** `failed`: it was asked and got no answer. `not-asked`: the village stops, or has no money for it. */
export type OwnAnswer = AnsweredTask | 'failed' | 'not-asked'

/**
 * Asks what a client asked, for the village's own sake: the village pays, and neither the client's
 * key nor its limits have a part in it.
 */
export async function askForItself(
  village: Pick<VillageService, 'answer'>,
  input: AnswerInput,
  options: { readonly ownPurpose: OwnPurpose; readonly signal: AbortSignal },
): Promise<OwnAnswer> {
  const { tenant: _, cache: __, decisionId: ___, ...request } = input
  try {
    return await village.answer({ ...request, streamed: false }, options)
  } catch (error) {
    if (error instanceof NotReadyError || error instanceof BudgetExceededError) return 'not-asked'
    if (options.signal.aborted) return 'not-asked'
    if (error instanceof VillageError) return 'failed'
    throw error
  }
}
