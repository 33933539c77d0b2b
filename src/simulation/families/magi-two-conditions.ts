import { pick } from '../../kernel/random.ts'
import { assertion, functionName } from './function-names.ts'
import { createTemplate, readAny } from './template.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { distinct, wholeNumber } from './word-lists.ts'

const comparisons = [
  { words: 'above', operator: '>' },
  { words: 'below', operator: '<' },
  { words: 'at least', operator: '>=' },
  { words: 'at most', operator: '<=' },
  { words: 'not', operator: '!==' },
] as const
const conjunctions = [
  { template: createTemplate('both {left} and {right}'), operator: '&&' },
  { template: createTemplate('either {left} or {right}'), operator: '||' },
] as const
const measures = 'price weight age stock hours speed width height points balance'.split(' ')

/** Two comparisons out of five, joined in two ways, about two arguments. */
export const magiTwoConditions = createTemplatedFamily({
  name: 'two-conditions',
  agent: 'magi',
  expectation: 'between',
  weight: 0.15,
  format: 'code',
  phrasings: [
    'Write a JavaScript function {name}({first}, {second}) that is true when {condition}.',
    'Implement {name}({first}, {second}) in JavaScript. The function gives true if {condition}.',
    'A JavaScript function {name} of {first} and {second} should be true if {condition}; else false.',
    'Our rule as a JavaScript function {name}({first}, {second}): it holds when {condition}.',
  ],
  innerTemplates: conjunctions.map(({ template }) => template.text),
  patterns: { name: '\\w+', first: '\\w+', second: '\\w+', condition: '(?:both|either) [^;.]+' },
  values: (random) => {
    const [first = '', second = ''] = distinct(2, (source) => pick(measures, source), random)
    const half = (measure: string): string =>
      `${measure} is ${pick(comparisons, random).words} ${wholeNumber(random, 10, 990)}`
    const condition = pick(conjunctions, random).template.fill({
      left: half(first),
      right: half(second),
    })
    return { name: functionName(random), first, second, condition }
  },
  answer: ({ name, first, second, condition = '' }) => {
    const expression = expressionOf(condition)
    return expression === null
      ? null
      : `function ${name}(${first}, ${second}) { return ${expression}; }`
  },
  spoil: (answer, random) => {
    if (random() < 0.4) {
      return answer.includes('&&') ? answer.replace('&&', '||') : answer.replace('||', '&&')
    }
    return answer.replace(/(\d+);/, (_, number: string) => `${Number(number) + 5};`)
  },
  verifier: ({ name, condition = '' }) => {
    const [left = 0, right = 0] = (condition.match(/\d+/g) ?? []).map(Number)
    const tests = [-1, 0, 1, 3]
      .flatMap((a) => [-1, 0, 1, 3].map((b) => [left + a, right + b] as const))
      .map(([a, b]) => assertion(`${name}(${a}, ${b})`, holds(condition, a, b)))
      .join('\n')
    return { type: 'unit-tests', language: 'javascript', tests }
  },
})

type Half = { readonly measure: string; readonly operator: string; readonly number: number }

function readCondition(
  condition: string,
): { readonly joined: '&&' | '||'; readonly left: Half; readonly right: Half } | null {
  const reading = readAny(
    conjunctions.map(({ template }) => template),
    condition,
  )
  const left = readHalf(reading?.slots['left'] ?? '')
  const right = readHalf(reading?.slots['right'] ?? '')
  if (reading === null || left === null || right === null) return null
  return { joined: conjunctions[reading.index]?.operator ?? '&&', left, right }
}

function readHalf(text: string): Half | null {
  const match = /^(\w+) is ([a-z ]+) (\d+)$/.exec(text)
  const comparison = comparisons.find(({ words }) => words === match?.[2])
  if (match === null || comparison === undefined) return null
  return { measure: match[1] ?? '', operator: comparison.operator, number: Number(match[3]) }
}

function expressionOf(condition: string): string | null {
  const read = readCondition(condition)
  if (read === null) return null
  const [left, right] = [read.left, read.right].map(
    ({ measure, operator, number }) => `${measure} ${operator} ${number}`,
  )
  return `${left} ${read.joined} ${right}`
}

function holds(condition: string, left: number, right: number): boolean {
  const read = readCondition(condition)
  if (read === null) return false
  const first = compares(left, read.left)
  const second = compares(right, read.right)
  return read.joined === '&&' ? first && second : first || second
}

function compares(value: number, half: Half): boolean {
  if (half.operator === '>') return value > half.number
  if (half.operator === '<') return value < half.number
  if (half.operator === '>=') return value >= half.number
  if (half.operator === '<=') return value <= half.number
  return value !== half.number
}
