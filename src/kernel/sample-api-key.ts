import { noBudgets, noRateLimits, type ApiKey } from './api-key.ts'

/** For tests: a member's key that nothing restricts. */
export function anApiKey(change: Partial<ApiKey>): ApiKey {
  return {
    id: 'key_1',
    name: 'first',
    hash: 'ab12',
    role: 'member',
    createdAtMs: 5,
    expiresAtMs: null,
    revokedAtMs: null,
    allowedModels: null,
    limits: noRateLimits,
    budgets: noBudgets,
    ...change,
  }
}
