/** A copy, newest first, whatever order it came in. */
export function newestFirst<T>(items: readonly T[], atMs: (item: T) => number): readonly T[] {
  return items.toSorted((a, b) => atMs(b) - atMs(a))
}
