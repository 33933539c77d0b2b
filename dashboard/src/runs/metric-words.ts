import { wordsText } from '../page/format.ts'

/** Names as TRL logs them. The order is the order on the page; others follow in their own order. */
const known: Readonly<Record<string, string>> = {
  loss: 'Loss',
  'rewards/accuracies': 'DPO accuracy',
  'rewards/margins': 'DPO margin',
  'rewards/chosen': 'DPO reward, chosen',
  'rewards/rejected': 'DPO reward, rejected',
  learning_rate: 'Learning rate',
}

/** Metrics with their names in words, the known ones first. */
export function namedMetrics(
  metrics: Readonly<Record<string, number>>,
): readonly { readonly name: string; readonly value: string }[] {
  const knownNames = Object.keys(known).filter((name) => name in metrics)
  const otherNames = Object.keys(metrics).filter((name) => !(name in known))
  return [...knownNames, ...otherNames].map((name) => ({
    name: known[name] ?? wordsText(name),
    value: metricText(metrics[name] as number),
  }))
}

function metricText(value: number): string {
  if (Number.isInteger(value)) return String(value)
  const size = Math.abs(value)
  return size > 0 && size < 0.001 ? value.toExponential(1) : value.toFixed(size < 1 ? 3 : 2)
}
