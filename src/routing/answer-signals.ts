import { optionSignalNames, optionSignals } from './option-signals.ts'
import { peerSignalNames, peerSignals } from './peer-signals.ts'

/** What a local answer shows of itself, beside what other local answers say of it. */
export type AnsweredLocally = {
  readonly prompt: string
  readonly answer: string
  /** Answers of other local models, or further samples of the same one, to the same prompt. */
  readonly peers: readonly string[]
  /** Mean probability that the local model gave to its own tokens, or null when it is not known. */
  readonly confidence: number | null
  /** The same of the token that it was least sure of. */
  readonly leastConfidence?: number | null
  /** False where only the beginning of a streamed answer was seen; an answer is whole unless said. */
  readonly isWhole?: boolean
  /** True where the limit of tokens ended it. */
  readonly isCutOff?: boolean
  /** What the task's own tests said of it; null where there are none, or it is not whole. */
  readonly testsPassed?: boolean | null
}

export const answerSignalNames = [
  'answer length',
  'answer against prompt',
  'sentences',
  'numbers in the answer',
  'length of the result',
  'a result was stated',
  'the result is a number',
  'wrong sums',
  'right sums',
  'the result stands in the working',
  'the answer is broken off',
  'doubt in words',
  'peers',
  'peers with the same result',
  'the first peer has the same result',
  'the second peer has the same result',
  'peers against it with one voice',
  'nearness to the peers in length',
  'confidence',
  'the result stands in the prompt',
  'confidence in the least sure token',
  'only the beginning was seen',
  'cut off by the limit',
  'JSON as it was asked for',
  'brackets left open',
  'tests passed',
  ...peerSignalNames,
  ...optionSignalNames,
] as const

/** In the order of `answerSignalNames`; bounded time, whatever the answer holds. */
export function answerSignals(answered: AnsweredLocally): Float32Array {
  const { prompt, peers, confidence } = answered
  const answer = answered.answer.slice(0, longestRead)
  const result = resultOf(answer)
  const normal = normalised(result ?? '')
  const read = peers.map((peer) => {
    const part = peer.slice(0, longestRead)
    return { answer: part, result: resultOf(part) }
  })
  const peerResults = read.map((peer) => normalised(peer.result ?? ''))
  const agreeing = peerResults.filter((one) => one !== '' && one === normal).length
  const against =
    peerResults.length > 1 && agreeing === 0 && new Set(peerResults).size === 1 ? 1 : 0
  const { right, wrong } = checkSums(answer)
  const working = result === null ? answer : answer.slice(0, answer.lastIndexOf(result))
  return Float32Array.from([
    Math.log1p(answer.length),
    Math.log((answer.length + 20) / (prompt.length + 20)),
    Math.log1p(countOf(answer, /[.!?](?:\s|$)|\n/gu)),
    Math.log1p(countOf(answer, /\d+/gu)),
    Math.log1p(result?.length ?? 0),
    result === null ? 0 : 1,
    /^-?[\d.,]+$/u.test(normal) ? 1 : 0,
    wrong,
    right,
    normal !== '' && working.includes(normal) ? 1 : 0,
    endsWell(answer) ? 0 : 1,
    countOf(answer, doubts),
    peers.length,
    peers.length === 0 ? 0.5 : agreeing / peers.length,
    agreementWith(peerResults[0], normal),
    agreementWith(peerResults[1], normal),
    against,
    lengthNearness(answer, peers),
    confidence ?? -1,
    normal !== '' && prompt.includes(normal) ? 1 : 0,
    answered.leastConfidence ?? -1,
    answered.isWhole === false ? 1 : 0,
    answered.isCutOff === true ? 1 : 0,
    answered.isWhole === false ? 0 : jsonValidity(prompt, answer),
    answered.isWhole === false ? 0 : openBrackets(answer),
    signOf(answered.testsPassed ?? null),
    ...peerSignals({ answer, result }, read),
    ...optionSignals(prompt.slice(0, longestRead), result, working),
  ])
}

const longestRead = 12_000
const doubts =
  /\b(?:however|but wait|not sure|unclear|assum\w+|cannot|can't|unable|approximately|closest|none of the|does not match|not (?:listed|provided|given))\b/giu

/**
 * What the answer says in the end: a field "answer" of JSON, `#### x`, `\boxed{x}`, "the answer is
 * x", else its last number, else its last line. Null for an empty answer.
 */
export function resultOf(answer: string): string | null {
  const text = answer.slice(0, longestRead)
  for (const pattern of statedResults) {
    const last = [...text.matchAll(pattern)].at(-1)?.[1]?.trim()
    if (last !== undefined && last !== '') return last
  }
  const number = text.match(/-?\d[\d,]*(?:\.\d+)?/gu)?.at(-1)
  if (number !== undefined) return number
  const line = text.trim().split('\n').at(-1)?.trim()
  return line === undefined || line === '' ? null : line
}

const statedResults = [
  /"answer"\s*:\s*"((?:[^"\\]|\\.)*)"/gu,
  /"answer"\s*:\s*([^\s"{}][^\n}]{0,200})/gu,
  /####\s*([^\n]{1,200})/gu,
  /\\boxed\{([^{}]{1,200})\}/gu,
  /\banswer is:?\s*\(?([A-Z])\)/gu,
  /\banswer is:?\s*\**([^\n.]{1,100})/giu,
] as const

/** As results are compared: without spaces, quotes, currency and thousands separators. */
export function normalised(result: string): string {
  const bare = result
    .toLowerCase()
    .replaceAll(/[\s"'$%*()\\]/gu, '')
    .replaceAll(/(\d),(?=\d{3}\b)/gu, '$1')
    .replace(/\.$/u, '')
  if (!/^-?\d+(?:\.\d+)?[a-z]*$/u.test(bare)) return bare
  return String(Number.parseFloat(bare))
}

/** Sums as they are written down, `3 * 4 = 12`: how many hold and how many do not. */
function checkSums(text: string): { readonly right: number; readonly wrong: number } {
  let right = 0
  let wrong = 0
  const plain = text.replaceAll(/(\d),(?=\d{3}\b)/gu, '$1').replaceAll(/[$]/gu, '')
  for (const [, first, operator, second, result] of plain.matchAll(sum)) {
    const value = evaluated(Number(first), operator ?? '', Number(second))
    if (value === null) continue
    if (Math.abs(value - Number(result)) <= 0.011 * Math.max(1, Math.abs(value))) right += 1
    else wrong += 1
  }
  return { right: Math.min(right, 10), wrong: Math.min(wrong, 5) }
}

const sum =
  /(?<![\d.+\-*/×÷] ?)\b(\d{1,12}(?:\.\d{1,6})?) ?([+\-*/x×÷]) ?(\d{1,12}(?:\.\d{1,6})?) ?= ?(-?\d{1,12}(?:\.\d{1,6})?)/gu

function evaluated(left: number, operator: string, right: number): number | null {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
    case 'x':
    case '×':
      return left * right
    case '/':
    case '÷':
      return right === 0 ? null : left / right
    default:
      return null
  }
}

/** 1 when JSON was asked for and given, -1 when it was asked for and is none, else 0. */
function jsonValidity(prompt: string, answer: string): number {
  if (!/\bjson\b/iu.test(prompt.slice(-longestRead))) return 0
  const fenced = /```(?:json)?\s*\n([\s\S]*?)```/iu.exec(answer)?.[1]
  try {
    JSON.parse(fenced ?? answer)
    return 1
  } catch {
    return -1
  }
}

/** How many brackets are not closed, or closed without having been opened; at most 5. */
function openBrackets(answer: string): number {
  let balance = 0
  let stray = 0
  for (const [bracket] of answer.matchAll(/[()[\]{}]/gu)) {
    if ('([{'.includes(bracket)) balance += 1
    else if (balance > 0) balance -= 1
    else stray += 1
  }
  return Math.min(5, balance + stray)
}

function signOf(passed: boolean | null): number {
  return passed === null ? 0 : passed ? 1 : -1
}

function endsWell(answer: string): boolean {
  return /[.!?})\]"'`\d>*]$/u.test(answer.trim())
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}

function agreementWith(peerResult: string | undefined, result: string): number {
  if (peerResult === undefined) return 0.5
  return peerResult !== '' && peerResult === result ? 1 : 0
}

/** 1 when the answer is as long as the peers' on average; lower the further from it. */
function lengthNearness(answer: string, peers: readonly string[]): number {
  if (peers.length === 0) return 0.5
  const mean = peers.reduce((total, peer) => total + peer.length, 0) / peers.length
  return Math.exp(-Math.abs(Math.log((answer.length + 10) / (mean + 10))))
}
