/** Values of the `{slot}` marks of a template. */
export type Slots = Readonly<Record<string, string>>

/** A template that can be filled, and read back out of a text it was filled into. */
export type Template = {
  readonly text: string
  fill(slots: Slots): string
  /** The slots' values when the whole text fits, else null. */
  read(text: string): Slots | null
}

/**
 * `patterns` gives the regular expression of a slot; others take any text within a line.
 * A text that does not begin like the template is refused without running the expression.
 */
export function createTemplate(text: string, patterns: Slots = {}): Template {
  const pieces = text.split(/\{(\w+)\}/)
  const prefix = pieces[0] ?? ''
  const known = new Set<string>()
  let source = ''
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 0) source += escapeRegExp(piece)
    else if (known.has(piece)) source += `\\k<${piece}>`
    else source += `(?<${piece}>${patterns[piece] ?? '.+?'})`
    if (index % 2 === 1) known.add(piece)
  }
  const expression = new RegExp(`^${source}$`)
  return {
    text,
    fill: (slots) =>
      text.replace(/\{(\w+)\}/g, (_, name: string) => {
        const value = slots[name]
        if (value === undefined) throw new RangeError(`No value for {${name}} in "${text}"`)
        return value
      }),
    read: (candidate) => {
      if (!candidate.startsWith(prefix)) return null
      const match = expression.exec(candidate)
      return match === null ? null : (match.groups ?? {})
    },
  }
}

/** The first template that the text fits, with its slots. */
export function readAny(
  templates: readonly Template[],
  text: string,
): { readonly index: number; readonly slots: Slots } | null {
  for (const [index, template] of templates.entries()) {
    const slots = template.read(text)
    if (slots !== null) return { index, slots }
  }
  return null
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
