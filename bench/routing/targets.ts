/** One line of the report: what was reached of what was asked. */
export type TargetRow = {
  readonly id: string
  readonly value: number
  readonly target: number
  readonly reached: boolean
  /** 95 %, over tasks drawn anew. */
  readonly low?: number
  readonly high?: number
}

export function atLeast(id: string, value: number, target: number, interval?: Ends): TargetRow {
  return { id, value, target, reached: value >= target, ...interval }
}

export function atMost(id: string, value: number, target: number, interval?: Ends): TargetRow {
  return { id, value, target, reached: value <= target, ...interval }
}

type Ends = { readonly low: number; readonly high: number }

/** As published or measured before, for the same tasks: APGR, CPT50, CPT80. */
export const published: Readonly<Record<string, readonly string[]>> = {
  mmlu: [
    'TF-IDF + logistic regression, gain (5-fold)      0.699   24.7   56.0',
    'RouteLLM matrix factorisation                    0.597',
    'RouteLLM BERT; causal LLM; SW ranking            0.572; 0.600; 0.603',
  ],
  gsm8k: [
    'TF-IDF + logistic regression, gain (5-fold)      0.628   33.9   65.4',
    'RouteLLM matrix factorisation                    0.565',
    'RouteLLM BERT; causal LLM; SW ranking            0.531; 0.622; 0.568',
  ],
}
