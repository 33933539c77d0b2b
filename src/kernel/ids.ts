import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

/** Every id says what it names: `dec_…` is a decision, `int_…` an interaction. */
type IdPrefix =
  | 'task'
  | 'dec'
  | 'int'
  | 'cmp'
  | 'fb'
  | 'ex'
  | 'pair'
  | 'ds'
  | 'run'
  | 'ckpt'
  | 'eval'
  | 'promo'
  | 'key'
  | 'chatcmpl'
  | 'file'
  | 'batch'
  | 'check'

export type Ids = { next(prefix: IdPrefix): string }

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** Ids that sort by time (10 characters of milliseconds, 10 of chance), like a ULID. */
export function createIds(clock: Clock, random: Random): Ids {
  return {
    next: (prefix) => `${prefix}_${encodeTime(clock.now())}${encodeRandom(random)}`,
  }
}

function encodeTime(timeMs: number): string {
  let rest = timeMs
  let text = ''
  for (let index = 0; index < 10; index += 1) {
    text = (alphabet[rest % 32] ?? '0') + text
    rest = Math.floor(rest / 32)
  }
  return text
}

function encodeRandom(random: Random): string {
  let text = ''
  for (let index = 0; index < 10; index += 1) text += alphabet[Math.floor(random() * 32)] ?? '0'
  return text
}
