/** Keys of providers (`sk-…`), of the village (`vk-…`), and whatever follows `Bearer`. */
const keyPatterns: readonly (readonly [RegExp, string])[] = [
  [/\b(sk|vk)-[A-Za-z0-9_-]{6,}/g, '$1-[redacted]'],
  [/\bBearer\s+[^\s"',;\\]+/gi, 'Bearer [redacted]'],
]

const secretFields =
  /("(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key|api_?key)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi

/** Takes every key out of one line of JSON or text; the line stays valid JSON. */
export function redactKeys(line: string): string {
  let redacted = line.replace(secretFields, '$1"[redacted]"')
  for (const [pattern, replacement] of keyPatterns) {
    redacted = redacted.replace(pattern, replacement)
  }
  return redacted
}
