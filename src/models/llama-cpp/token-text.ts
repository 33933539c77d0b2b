export type TokenText<Token> = {
  /** The text that the token completes; empty while a character lacks bytes. */
  add(token: Token): string
  rest(): string
}

/** A character of UTF-8 has at most four bytes, and a token at least one of them. */
const mostTokensOfCharacter = 4
const replacement = '\uFFFD'

/** Turns tokens into text one by one; a character may be spread over several tokens. */
export function createTokenText<Token>(
  detokenize: (tokens: readonly Token[], before: readonly Token[]) => string,
): TokenText<Token> {
  let before: readonly Token[] = []
  let pending: Token[] = []
  const flush = (text: string): string => {
    before = [...before, ...pending].slice(-mostTokensOfCharacter)
    pending = []
    return text
  }
  return {
    add: (token) => {
      pending.push(token)
      const text = detokenize(pending, before)
      const incomplete = text.endsWith(replacement) && pending.length < mostTokensOfCharacter
      return incomplete ? '' : flush(text)
    },
    rest: () => (pending.length === 0 ? '' : flush(detokenize(pending, before))),
  }
}
