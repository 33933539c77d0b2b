/** An amount in whole nano-dollars (1e-9 USD): sums of integers do not drift. */
export type NanoUsd = number & { readonly unit: 'nanoUsd' }

/** A price in whole pico-dollars per token; providers quote down to 1e-12 USD. */
export type PicoUsdPerToken = number & { readonly unit: 'picoUsdPerToken' }

export const noMoney = 0 as NanoUsd

/** Rounds half up once, at the boundary where a provider's decimal amount comes in. */
export function nanoUsdFromUsd(usd: number): NanoUsd {
  if (!Number.isFinite(usd)) throw new RangeError(`Not an amount of money: ${usd}`)
  return Math.round(usd * 1e9) as NanoUsd
}

export function usdFromNanoUsd(amount: NanoUsd): number {
  return amount / 1e9
}

/** Reads a provider's decimal price per token, such as "0.0000012". Negative prices mean "varies". */
export function parsePricePerToken(text: string): PicoUsdPerToken | undefined {
  const usd = Number(text)
  if (!Number.isFinite(usd) || usd < 0) return undefined
  return Math.round(usd * 1e12) as PicoUsdPerToken
}

export function addMoney(...amounts: readonly NanoUsd[]): NanoUsd {
  let sum = 0
  for (const amount of amounts) sum += amount
  return sum as NanoUsd
}

export function subtractMoney(from: NanoUsd, amount: NanoUsd): NanoUsd {
  return (from - amount) as NanoUsd
}

export function costOfTokens(
  tokens: { readonly prompt: number; readonly completion: number },
  price: { readonly prompt: PicoUsdPerToken; readonly completion: PicoUsdPerToken },
): NanoUsd {
  const picoUsd = tokens.prompt * price.prompt + tokens.completion * price.completion
  return Math.round(picoUsd / 1000) as NanoUsd
}
