import { wilsonBounds } from './binomial-bounds.ts'
import type { ScoredLabel } from './complexity-estimate.ts'
import type { ThresholdSettings } from './thresholds.ts'

export type ThresholdChoice = { readonly value: number; readonly reason: string }

type Loss = {
  readonly labels: number
  readonly share: number
  readonly lower: number
  readonly upper: number
}

/** The threshold that the held-out labels of a new checkpoint allow. */
export function thresholdFromHeldOut(
  heldOut: readonly ScoredLabel[],
  settings: ThresholdSettings,
): ThresholdChoice {
  if (heldOut.length === 0) {
    return { value: 0, reason: 'Closed: nothing is known of the local model that serves now.' }
  }
  const shown = largestShown(heldOut, settings)
  if (shown !== null && shown.value >= settings.careful) {
    return {
      value: shown.value,
      reason: `Set to ${shown.value.toFixed(2)}: of ${checks(shown.loss)} below it, ${percent(shown.loss.share)} were worse than the reference; ${atMost(shown.loss, settings)}.`,
    }
  }
  for (let value = settings.careful; value > 0; value = round(value - settings.step)) {
    const loss = lossBetween(heldOut, [0, value], settings)
    if (isTooHigh(loss, settings) && loss.labels >= settings.minLabels / 3) continue
    return {
      value,
      reason: `Set to ${value.toFixed(2)}, carefully: ${checks(loss)} below it with ${percent(loss.share)} worse are too few to show more.`,
    }
  }
  return {
    value: 0,
    reason: `Closed: held-out checks show more than ${percent(settings.targetLoss)} worse answers even where the local model seems surest.`,
  }
}

/** One step down or up when the results say so clearly, or null. */
export function thresholdFromResults(
  current: number,
  results: readonly ScoredLabel[],
  settings: ThresholdSettings,
): ThresholdChoice | null {
  const served = lossBetween(results, [0, current], settings)
  if (
    current > 0 &&
    served.labels >= settings.minLabels / 2 &&
    served.lower > settings.targetLoss
  ) {
    const value = round(current - settings.step)
    return {
      value,
      reason: `Down to ${value.toFixed(2)}: ${percent(served.share)} of ${checks(served)} below ${current.toFixed(2)} were worse than the reference, above the target of ${percent(settings.targetLoss)}.`,
    }
  }
  const value = round(current + settings.step)
  const after = lossBetween(results, [0, value], settings)
  if (value > settings.max || after.labels < settings.minLabels) return null
  if (value <= settings.careful) {
    if (after.share > settings.targetLoss) return null
  } else if (!isShown(after, settings) || !isBandGood(results, [current, value], settings)) {
    return null
  }
  return {
    value,
    reason: `Up to ${value.toFixed(2)}: ${percent(after.share)} of ${checks(after)} below it were worse than the reference; ${atMost(after, settings)}.`,
  }
}

/** From 0 upwards, as far as the whole and each band above the careful value hold the target. */
function largestShown(
  labels: readonly ScoredLabel[],
  settings: ThresholdSettings,
): { readonly value: number; readonly loss: Loss } | null {
  let largest: { value: number; loss: Loss } | null = null
  for (let value = settings.step; value <= settings.max; value = round(value + settings.step)) {
    const below = round(value - settings.step)
    if (value > settings.careful && !isBandGood(labels, [below, value], settings)) break
    const loss = lossBetween(labels, [0, value], settings)
    if (isShown(loss, settings)) largest = { value, loss }
  }
  return largest
}

function isTooHigh(loss: Loss, settings: ThresholdSettings): boolean {
  return loss.lower > settings.targetLoss + settings.referenceErrors
}

function isShown(loss: Loss, settings: ThresholdSettings): boolean {
  return loss.labels >= settings.minLabels && loss.upper <= settings.targetLoss
}

/**
 * What a step up would let in must hold the target by itself: else kinds that the local model
 * half knows would slip in behind those that it knows well.
 */
function isBandGood(
  labels: readonly ScoredLabel[],
  band: readonly [from: number, to: number],
  settings: ThresholdSettings,
): boolean {
  const loss = lossBetween(labels, band, settings)
  return loss.labels >= settings.minLabels / 2 && loss.share <= settings.targetLoss
}

function lossBetween(
  labels: readonly ScoredLabel[],
  [from, to]: readonly [from: number, to: number],
  { delta }: ThresholdSettings,
): Loss {
  let weight = 0
  let badWeight = 0
  let squares = 0
  for (const label of labels) {
    if (label.complexity < from || label.complexity >= to) continue
    weight += label.weight
    squares += label.weight * label.weight
    if (!label.goodEnough) badWeight += label.weight
  }
  const effective = squares === 0 ? 0 : (weight * weight) / squares
  const share = weight === 0 ? 0 : badWeight / weight
  const { lower, upper } = wilsonBounds(share * effective, effective, 1 - delta)
  return { labels: effective, share, lower, upper }
}

function atMost({ upper }: Loss, { delta }: ThresholdSettings): string {
  return `with ${Number(((1 - delta) * 100).toPrecision(4))} % confidence at most ${percent(upper)}`
}

function checks(loss: Loss): string {
  return `${Math.round(loss.labels)} checks`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
