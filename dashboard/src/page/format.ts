/** Amounts from fractions of a cent to thousands, always with enough digits to tell them apart. */
export function moneyText(usd: number): string {
  const size = Math.abs(usd)
  const digits = size === 0 || size >= 1 ? 2 : size >= 0.1 ? 3 : size >= 0.01 ? 4 : 6
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: Math.min(digits, 2),
    maximumFractionDigits: digits,
  }).format(usd)
}

/** A share of 0–1 as a percentage; a dash where nothing was measured. */
export function shareText(share: number | null, digits = 0): string {
  return share === null ? '–' : `${(share * 100).toFixed(digits)} %`
}

export function countText(count: number): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(count)
}

/** "1 task", "2 tasks", "1,200 tasks". */
export function countedText(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Axis labels: 950, 1.2k, 12k. */
export function shortCountText(count: number): string {
  return count < 1_000 ? String(count) : `${Number((count / 1_000).toFixed(1))}k`
}

export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
}

export function agoText(atMs: number, nowMs: number): string {
  const agoMs = nowMs - atMs
  if (agoMs < 5_000) return 'just now'
  if (agoMs < 3_600_000) return `${durationText(agoMs).replace(/ min.*/, ' min')} ago`
  if (agoMs < 86_400_000) return `${Math.floor(agoMs / 3_600_000)} h ago`
  return `${Math.floor(agoMs / 86_400_000)} d ago`
}

export function clockText(atMs: number): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }).format(atMs)
}

export function latencyText(latencyMs: number | null): string {
  if (latencyMs === null) return '–'
  return latencyMs < 1_000 ? `${Math.round(latencyMs)} ms` : `${(latencyMs / 1_000).toFixed(1)} s`
}

/** As much of a hash as people compare by eye, without a scheme such as `sha256:`. */
export function shortHash(hash: string): string {
  return hash.replace(/^[\w-]+:/, '').slice(0, 8)
}

/** `held-out_tasks` and `heldOut` style names as words. */
export function wordsText(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[-_/]+/g, ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
