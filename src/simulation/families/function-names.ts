import { pick } from '../../kernel/random.ts'
import type { Random } from '../../kernel/random.ts'

const verbs =
  'get make check find build read adjust prepare format compute resolve update convert derive apply tag mark score rate plan'.split(
    ' ',
  )
const nouns =
  'price weight order label score total level amount stock ticket route invoice badge volume speed batch parcel rating signal margin'.split(
    ' ',
  )

/** Such as `adjustParcel`. */
export function functionName(random: Random): string {
  const noun = pick(nouns, random)
  return `${pick(verbs, random)}${noun.charAt(0).toUpperCase()}${noun.slice(1)}`
}

const argumentNames =
  'value input item text amount entry count data field row part line size code'.split(' ')

export const argumentName = (random: Random): string => pick(argumentNames, random)

/** One statement that throws when the expression does not give the wanted value. */
export function assertion(expression: string, wanted: string | number | boolean): string {
  return `if ((${expression}) !== ${JSON.stringify(wanted)}) throw new Error(${JSON.stringify(expression)});`
}
