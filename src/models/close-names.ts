/** Up to `limit` of the names that a caller may have meant by `wanted`, the closest first. */
export function closeNames(wanted: string, names: readonly string[], limit = 3): readonly string[] {
  const lowered = wanted.toLowerCase()
  const mostEdits = Math.max(2, Math.floor(wanted.length / 3))
  const ranked = names
    .map((name) => ({ name, distance: distanceBetween(lowered, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= mostEdits)
    .toSorted((left, right) => left.distance - right.distance || compare(left.name, right.name))
  if (ranked.length > 0) return ranked.slice(0, limit).map(({ name }) => name)
  return sameVendor(lowered, names).slice(0, limit)
}

/** A name that holds the other, or lacks only its vendor, counts as one edit. */
function distanceBetween(wanted: string, name: string): number {
  if (name.endsWith(`/${wanted}`) || wanted.endsWith(`/${name}`)) return 1
  return editDistance(wanted, name)
}

function sameVendor(wanted: string, names: readonly string[]): readonly string[] {
  const vendor = wanted.slice(0, wanted.indexOf('/') + 1)
  if (vendor === '') return []
  return names
    .filter((name) => name.toLowerCase().startsWith(vendor))
    .toSorted(
      (left, right) =>
        editDistance(wanted, left) - editDistance(wanted, right) || compare(left, right),
    )
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}

/** Levenshtein distance: the fewest insertions, deletions and replacements of one character. */
export function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + Number(left[row - 1] !== right[column - 1])
      const deleted = (previous[column] ?? 0) + 1
      const inserted = (current[column - 1] ?? 0) + 1
      current.push(Math.min(replaced, deleted, inserted))
    }
    previous = current
  }
  return previous[right.length] ?? 0
}
