import { InvalidArgumentError, Option, type Command } from 'commander'
import { createKey, listKeys, revokeKey, rotateKey } from '../app.ts'
import { keyRoles, type KeyRole } from '../kernel/api-key.ts'

type CreateOptions = {
  readonly role: KeyRole
  readonly expires?: number
  readonly models?: readonly string[]
  readonly requestsPerMinute?: number
  readonly tokensPerMinute?: number
  readonly concurrentRequests?: number
  readonly dailyUsd?: number
  readonly monthlyUsd?: number
  readonly totalUsd?: number
  readonly json?: true
}

/** `village key create|list|rotate|revoke`, on the home folder, whether the village runs or not. */
export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('make, list, rotate and revoke API keys')
  key
    .command('create')
    .description('make a key and show it, this once')
    .argument('<name>', 'whose it is or what it is for')
    .addOption(new Option('--role <role>').choices(keyRoles).default('member'))
    .option('--expires <when>', 'such as 30d, 12h or 2027-01-31', timeOfExpiry)
    .option('--models <names>', 'the only models it may use, such as village,vendor/*', listOfNames)
    .option('--requests-per-minute <count>', 'rate limit', positiveCount)
    .option('--tokens-per-minute <count>', 'rate limit', positiveCount)
    .option('--concurrent-requests <count>', 'requests under way at a time', positiveCount)
    .option('--daily-usd <amount>', 'budget for a UTC day', positiveAmount)
    .option('--monthly-usd <amount>', 'budget for a UTC month', positiveAmount)
    .option('--total-usd <amount>', 'budget in all', positiveAmount)
    .option('--json', 'print the key and its record as JSON')
    .action(create)
  key
    .command('list')
    .description('every key with its role, limits and what it spent')
    .option('--json', 'print everything as JSON')
    .action(list)
  key
    .command('rotate')
    .description('give a key a new secret and show it, this once; the old one stops working')
    .argument('<id>', 'the id that `village key list` shows')
    .option('--json', 'print the key and its id as JSON')
    .action(rotate)
  key
    .command('revoke')
    .description('make a key stop working for good')
    .argument('<id>', 'the id that `village key list` shows')
    .action(revoke)
}

async function create(name: string, options: CreateOptions): Promise<void> {
  const { key, record } = await createKey(process.env, {
    name,
    role: options.role,
    expiresAtMs: options.expires ?? null,
    allowedModels: options.models ?? null,
    limits: {
      requestsPerMinute: options.requestsPerMinute ?? null,
      tokensPerMinute: options.tokensPerMinute ?? null,
      concurrentRequests: options.concurrentRequests ?? null,
    },
    budgetsUsd: {
      dailyUsd: options.dailyUsd ?? null,
      monthlyUsd: options.monthlyUsd ?? null,
      totalUsd: options.totalUsd ?? null,
    },
  })
  showKey({ key, id: record.id, role: record.role }, options.json === true)
}

async function list(options: { readonly json?: true }): Promise<void> {
  const keys = await listKeys(process.env)
  if (options.json === true) {
    console.log(JSON.stringify(keys, null, 2))
    return
  }
  for (const key of keys) {
    const state =
      key.revokedAtMs !== null
        ? 'revoked'
        : key.expiresAtMs === null
          ? 'active'
          : `${key.expiresAtMs > Date.now() ? 'expires' : 'expired'} ${new Date(key.expiresAtMs).toISOString()}`
    console.log(`${key.id}  ${key.role}  ${state}  spent $${key.spentUsd.toFixed(4)}  ${key.name}`)
  }
}

async function rotate(id: string, options: { readonly json?: true }): Promise<void> {
  const { key, record } = await rotateKey(process.env, id)
  showKey({ key, id, role: record.role }, options.json === true)
}

async function revoke(id: string): Promise<void> {
  const { name } = await revokeKey(process.env, id)
  console.log(`Revoked ${id} (${name}). A running village refuses it within a second.`)
}

function showKey(
  shown: { readonly key: string; readonly id: string; readonly role: KeyRole },
  asJson: boolean,
): void {
  if (asJson) console.log(JSON.stringify(shown))
  else console.log(`${shown.key}\n\nid ${shown.id}, role ${shown.role}. It is not shown again.`)
}

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

function timeOfExpiry(text: string): number {
  const [, count, unit = ''] = /^(\d+)([mhd])$/.exec(text) ?? []
  if (count !== undefined) return Date.now() + Number(count) * (unitsMs[unit] ?? 0)
  const timeMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(timeMs)) {
    throw new InvalidArgumentError('It must be a time such as 30d, 12h, 45m or 2027-01-31.')
  }
  return timeMs
}

function listOfNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.includes('')) throw new InvalidArgumentError('It must be names with commas between.')
  return names
}

function positiveCount(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a whole number above 0.')
}

function positiveAmount(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1_000_000) return value
  throw new InvalidArgumentError('It must be an amount in USD above 0, such as 2.50.')
}
