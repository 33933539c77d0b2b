export type StopFilter = {
  /** Text that is safe to show; `stopped` once a stop sequence was met, which is not shown. */
  add(text: string): { readonly text: string; readonly stopped: boolean }
  /** What was held back, when the answer ends by itself. */
  rest(): string
}

/** Holds back the end of the text for as long as it may be the beginning of a stop sequence. */
export function createStopFilter(stops: readonly string[]): StopFilter {
  const sequences = stops.filter((stop) => stop !== '')
  let held = ''
  return {
    add: (text) => {
      if (sequences.length === 0) return { text, stopped: false }
      held += text
      const place = firstPlace(held, sequences)
      if (place !== undefined) {
        const shown = held.slice(0, place)
        held = ''
        return { text: shown, stopped: true }
      }
      const keep = longestBeginning(held, sequences)
      const shown = held.slice(0, held.length - keep)
      held = held.slice(held.length - keep)
      return { text: shown, stopped: false }
    },
    rest: () => held,
  }
}

function firstPlace(text: string, stops: readonly string[]): number | undefined {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0)
  return places.length === 0 ? undefined : Math.min(...places)
}

/** Length of the longest end of the text with which a stop sequence begins. */
function longestBeginning(text: string, stops: readonly string[]): number {
  const longest = Math.max(...stops.map((stop) => stop.length)) - 1
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const end = text.slice(text.length - length)
    if (stops.some((stop) => stop.startsWith(end))) return length
  }
  return 0
}
