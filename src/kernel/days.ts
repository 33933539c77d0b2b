const dayMs = 86_400_000

/** Whole days since the Unix epoch, in UTC. */
export type DayNumber = number

export function dayOf(timeMs: number): DayNumber {
  return Math.floor(timeMs / dayMs)
}

export function startOfDayMs(day: DayNumber): number {
  return day * dayMs
}

/** The Monday of the day's week. The epoch was a Thursday. */
export function firstDayOfWeek(day: DayNumber): DayNumber {
  return day - ((((day + 3) % 7) + 7) % 7)
}

export function firstDayOfMonth(day: DayNumber): DayNumber {
  const date = new Date(startOfDayMs(day))
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1))
}

export function firstDayOfNextMonth(day: DayNumber): DayNumber {
  const date = new Date(startOfDayMs(day))
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1))
}
