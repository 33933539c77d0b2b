const fencedBlock = /^[ \t]*(`{3,}|~{3,})([^\n`]*)\n([\s\S]*?)^[ \t]*\1[ \t]*$/gm

const fenceNames: Readonly<Record<'javascript' | 'sql', ReadonlySet<string>>> = {
  javascript: new Set(['javascript', 'js', 'jsx', 'mjs', 'node', 'typescript', 'ts']),
  sql: new Set(['sql', 'sqlite']),
}

/**
 * The code of an answer: the first fenced block of the language, else the first fenced block,
 * else the whole text.
 */
export function extractCode(answer: string, language: 'javascript' | 'sql'): string {
  const blocks = [...answer.replaceAll('\r\n', '\n').matchAll(fencedBlock)].map((match) => ({
    name: (match[2] ?? '').trim().toLowerCase(),
    code: match[3] ?? '',
  }))
  const block = blocks.find(({ name }) => fenceNames[language].has(name)) ?? blocks[0]
  return (block === undefined ? answer : block.code).trim()
}
