import { normaliseAnswer } from './same-text.ts'

/** An answer that is one number, with what stands before and after it (a currency, a unit). */
export type NumberAnswer = {
  readonly value: number
  readonly decimals: number
  readonly unit: string
}

const longestUnit = 12

/** Null for an answer that is anything but one number and at most a short unit. */
export function parseNumberAnswer(answer: string): NumberAnswer | null {
  const text = normaliseAnswer(answer).replaceAll('\u2212', '-').trim()
  const found = /^([^\d\s.,+-]{0,3}) ?([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))? ?(\D*)$/u.exec(
    text,
  )
  if (found === null) return null
  const [, before = '', sign = '', whole = '', fraction = '', after = ''] = found
  const unit = `${before}${after.trim()}`.toLowerCase()
  if (unit.length > longestUnit || /\s/.test(unit)) return null
  const value = Number(`${sign}${whole.replaceAll(',', '')}.${fraction || '0'}`)
  return { value, decimals: fraction.length, unit }
}

/**
 * The same number, however it is written; of two with decimals, also where one is the other rounded.
 * Whole numbers have no tolerance: they are counts more often than measurements.
 */
export function equalNumbers(left: NumberAnswer, right: NumberAnswer): boolean {
  if (left.unit !== right.unit) return false
  if (left.value === right.value) return true
  const decimals = Math.min(left.decimals, right.decimals)
  if (decimals === 0) return false
  // A last digit may be cut off or rounded, and binary fractions are not exact.
  const tolerance = 0.5 * 10 ** -decimals + 1e-9 * Math.abs(right.value)
  return Math.abs(left.value - right.value) <= tolerance
}
