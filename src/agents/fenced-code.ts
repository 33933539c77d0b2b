export type CodeBlock = {
  /** Lower-cased, as written after the fence; null without one. */
  readonly language: string | null
  readonly code: string
}

/** The fenced blocks of an answer. An unclosed last fence (a cut answer) counts as a block. */
export function fencedCode(answer: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  const fence =
    /^[ \t]*(```+|~~~+)[ \t]*([\w+#-]*)[^\n]*\n([\s\S]*?)(?:^[ \t]*\1[ \t]*$|(?![\s\S]))/gmu
  for (const [, , language = '', code = ''] of answer.matchAll(fence)) {
    blocks.push({ language: language === '' ? null : language.toLowerCase(), code: code.trimEnd() })
  }
  return blocks
}

/** The code of an answer: its first fenced block, else the whole text. */
export function codeOf(answer: string): string {
  return fencedCode(answer)[0]?.code ?? answer.trim()
}
