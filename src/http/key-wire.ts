import type { ApiKey } from '../kernel/api-key.ts'
import { usdFromNanoUsd, type NanoUsd } from '../kernel/money.ts'
import type { KeySpending } from '../village/access/spending.ts'

/** One entry of `GET /v1/keys`: everything but the key and its hash. */
export function wireKey(key: ApiKey, { spent }: KeySpending) {
  const { limits, budgets } = key
  return {
    id: key.id,
    object: 'village.key',
    name: key.name,
    role: key.role,
    created_at: isoTime(key.createdAtMs),
    expires_at: isoTimeOrNull(key.expiresAtMs),
    revoked_at: isoTimeOrNull(key.revokedAtMs),
    allowed_models: key.allowedModels,
    limits: {
      requests_per_minute: limits.requestsPerMinute,
      tokens_per_minute: limits.tokensPerMinute,
      concurrent_requests: limits.concurrentRequests,
    },
    budgets: {
      daily_usd: usdOrNull(budgets.day),
      monthly_usd: usdOrNull(budgets.month),
      total_usd: usdOrNull(budgets.total),
    },
    usage: {
      daily_usd: usdFromNanoUsd(spent.day),
      monthly_usd: usdFromNanoUsd(spent.month),
      total_usd: usdFromNanoUsd(spent.total),
    },
  }
}

const resets = { day: 'daily', month: 'monthly', total: null } as const

/** OpenRouter's shape has one limit; of several budgets it is the one with the least left. */
export function wireOwnKey(key: ApiKey, { spent, budgets }: KeySpending) {
  const tightest = budgets.toSorted((a, b) => a.left - b.left)[0] ?? null
  const manages = key.role === 'owner' || key.role === 'operator'
  return {
    label: key.name,
    limit: tightest === null ? null : usdFromNanoUsd(tightest.limit),
    limit_remaining: tightest === null ? null : Math.max(0, usdFromNanoUsd(tightest.left)),
    limit_reset: tightest === null ? null : resets[tightest.period],
    include_byok_in_limit: false,
    usage: usdFromNanoUsd(spent.total),
    usage_daily: usdFromNanoUsd(spent.day),
    usage_weekly: usdFromNanoUsd(spent.week),
    usage_monthly: usdFromNanoUsd(spent.month),
    byok_usage: 0,
    byok_usage_daily: 0,
    byok_usage_weekly: 0,
    byok_usage_monthly: 0,
    is_free_tier: false,
    is_management_key: manages,
    is_provisioning_key: manages,
    creator_user_id: null,
    expires_at: isoTimeOrNull(key.expiresAtMs),
    rate_limit: {
      requests: key.limits.requestsPerMinute ?? -1,
      interval: '1m',
      note: 'This field is deprecated and safe to ignore.',
    },
    village: { id: key.id, role: key.role, allowed_models: key.allowedModels },
  }
}

function usdOrNull(amount: NanoUsd | null): number | null {
  return amount === null ? null : usdFromNanoUsd(amount)
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

function isoTimeOrNull(timeMs: number | null): string | null {
  return timeMs === null ? null : isoTime(timeMs)
}
