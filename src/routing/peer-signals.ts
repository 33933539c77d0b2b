export const peerSignalNames = [
  'peers with exactly the same result',
  'peers that agree with each other',
  'numbers shared with a peer',
  'words shared with a peer',
] as const

const neutral = 0.5

/** What the peers' answers say of this one beyond whether results are equal, in the order of the names. */
export function peerSignals(
  own: { readonly answer: string; readonly result: string | null },
  peers: readonly { readonly answer: string; readonly result: string | null }[],
): readonly number[] {
  if (peers.length === 0) return [neutral, neutral, neutral, neutral]
  const results = peers.map(({ result }) => bare(result))
  const same = results.filter((result) => result !== '' && result === bare(own.result)).length
  const counts = new Map<string, number>()
  for (const result of results) counts.set(result, (counts.get(result) ?? 0) + 1)
  const most = Math.max(...counts.values())
  const shared = (pattern: RegExp): number =>
    Math.max(
      ...peers.map(({ answer }) => overlap(found(own.answer, pattern), found(answer, pattern))),
    )
  return [
    same / peers.length,
    most / peers.length,
    shared(/\d+(?:\.\d+)?/gu),
    shared(/\p{L}{4,}/gu),
  ]
}

/** As it was written, letter for letter, without the quotes round it. */
function bare(result: string | null): string {
  return (result ?? '').trim().replaceAll(/^["'`\\]+|["'`\\]+$/gu, '')
}

function found(text: string, pattern: RegExp): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(pattern))
}

/** The share of both sets that is in each (Jaccard); of two empty ones, 0. */
function overlap(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const shared = [...left].filter((one) => right.has(one)).length
  return shared / Math.max(1, left.size + right.size - shared)
}
