/** One answer among those that are generated at once. */
export type RoundMember = {
  /** Resolves when every member has its token: then all ask for their next one together. */
  ready(): Promise<void>
  leave(): void
}

export type TokenRounds = { join(): RoundMember }

/**
 * Lets answers go on in rounds of one token each. Between two rounds nothing is queued, so that
 * node-llama-cpp gives its context free: a request that wants to begin needs it, and would wait for
 * the end of all others otherwise. And a round's tokens are there together, for one batch.
 */
export function createTokenRounds(): TokenRounds {
  let members = 0
  let waiting: (() => void)[] = []
  let isScheduled = false
  const release = (): void => {
    isScheduled = false
    if (waiting.length < members) return
    const round = waiting
    waiting = []
    for (const goOn of round) goOn()
  }
  const schedule = (): void => {
    if (isScheduled || waiting.length === 0 || waiting.length < members) return
    isScheduled = true
    // By the next turn of the event loop the batch is over, and its context free.
    setImmediate(release)
  }
  return {
    join: () => {
      members += 1
      return {
        ready: () =>
          new Promise((resolve) => {
            waiting.push(resolve)
            schedule()
          }),
        leave: () => {
          members -= 1
          schedule()
        },
      }
    },
  }
}
