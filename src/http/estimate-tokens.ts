const charactersPerToken = 4
/** Pictures, sound and files come as base64, whose length says little of their tokens. */
const tokensOfAttachment = 1000
const shortestAttachment = 256

/** The field is named so by one wire or another; what is not there counts nothing. */
const maxTokensFields = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const
const attachmentFields: ReadonlySet<string> = new Set(['data', 'file_data', 'b64_json'])

/** The tokens that a body asks for: about its text, and the most that it lets the answer have. */
export function estimateTokens(body: unknown): number {
  return Math.ceil(charactersIn(body) / charactersPerToken) + mostAnswerTokens(body)
}

function mostAnswerTokens(body: unknown): number {
  if (typeof body !== 'object' || body === null) return 0
  const fields = body as Readonly<Record<string, unknown>>
  const n = typeof fields['n'] === 'number' && fields['n'] > 1 ? fields['n'] : 1
  for (const name of maxTokensFields) {
    const value = fields[name]
    if (typeof value === 'number' && value > 0) return Math.ceil(value * n)
  }
  return 0
}

/** Walks with a list of its own: a body may be nested deeper than the stack. */
function charactersIn(body: unknown): number {
  let characters = 0
  const waiting: unknown[] = [body]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value === 'string') characters += charactersOfText(value)
    else if (Array.isArray(value)) for (const item of value) waiting.push(item)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (typeof inner === 'string' && attachmentFields.has(name)) {
          characters += charactersOfAttachment(inner)
        } else waiting.push(inner)
      }
    }
  }
  return characters
}

function charactersOfText(text: string): number {
  return text.startsWith('data:') ? charactersOfAttachment(text) : text.length
}

function charactersOfAttachment(text: string): number {
  return text.length < shortestAttachment ? text.length : tokensOfAttachment * charactersPerToken
}
