import { useEffect, useState } from 'react'

const tickMs = 5_000

/** The village's clock, going on by itself between two messages so that no age stands still. */
export function useVillageNow(villageNowMs: number): number {
  const [clock, setClock] = useState({ villageNowMs, nowMs: villageNowMs })
  useEffect(() => {
    const receivedAtMs = performance.now()
    const timer = setInterval(() => {
      setClock({ villageNowMs, nowMs: villageNowMs + performance.now() - receivedAtMs })
    }, tickMs)
    return () => clearInterval(timer)
  }, [villageNowMs])
  return clock.villageNowMs === villageNowMs ? clock.nowMs : villageNowMs
}
