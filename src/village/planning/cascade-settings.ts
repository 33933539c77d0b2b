export type CascadeSettings = {
  /** What a local answer may be expected to add to the frontier's time; 0 turns the cascade off. */
  readonly maxAddedLatencyMs: number
  /** Of a streamed answer, so many tokens are held back and judged. */
  readonly streamPrefixTokens: number
  /** Further local samples that are asked for, to see whether they agree. */
  readonly agreementSamples: number
}

export const noCascade: CascadeSettings = {
  maxAddedLatencyMs: 0,
  streamPrefixTokens: 64,
  agreementSamples: 0,
}
