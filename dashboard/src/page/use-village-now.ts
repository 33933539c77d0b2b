import { useEffect, useState } from 'react'

const tickMs = 5_000

/** The village's clock, going on by itself between two messages so that no age stands still. */
export function useVillageNow(nowMs: number): number {
  const [elapsedMs, setElapsedMs] = useState(0)
  useEffect(() => {
    const receivedAtMs = performance.now()
    setElapsedMs(0)
    const timer = setInterval(() => setElapsedMs(performance.now() - receivedAtMs), tickMs)
    return () => clearInterval(timer)
  }, [nowMs])
  return nowMs + elapsedMs
}
