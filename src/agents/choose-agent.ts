import type { AgentName } from '../kernel/agent-name.ts'
import { wordsIn } from './words.ts'

const codeWords = new Set(
  (
    'function functions implement implementation debug algorithm code coding script scripts sql query ' +
    'queries regex regexp javascript js typescript python java rust golang c++ c# bash html css class ' +
    'method compile compiler refactor bug api endpoint unittest program programming select'
  ).split(' '),
)

const researchWords = new Set(
  (
    'research analyse analyze analysis analysing compare comparison study studies passage extract ' +
    'extraction summarise summarize summary investigate findings evidence literature review report ' +
    'article source sources excerpt paragraph document'
  ).split(' '),
)

const researchPhrases =
  /\b(?:according to|based on the (?:text|passage|article)|read the following)\b/iu
const codePhrases = /```|\bselect\b[^.]*\bfrom\b|\bdef \w+\(|=>|\bfunction\s*\w*\(/iu
/** Words that are as common outside code; alone they say nothing. */
const weakCodeWords = new Set(['class', 'method', 'program', 'select', 'code', 'query', 'report'])
const weakResearchWords = new Set(['report', 'review', 'source', 'sources', 'document', 'article'])

/**
 * The floor that a learned choice must beat: code words go to Magi, research words to Sage,
 * everything else to King. Where both occur, the earlier instruction counts more.
 */
export function chooseAgentByWords(text: string): AgentName {
  const words = wordsIn(text)
  const code = scoreOf(words, codeWords, weakCodeWords) + (codePhrases.test(text) ? 2 : 0)
  const research =
    scoreOf(words, researchWords, weakResearchWords) + (researchPhrases.test(text) ? 2 : 0)
  if (code < 1 && research < 1) return 'king'
  return code >= research ? 'magi' : 'sage'
}

/** Words of the first line count fully, later ones (often quoted material) less. */
function scoreOf(
  words: readonly string[],
  strong: ReadonlySet<string>,
  weak: ReadonlySet<string>,
): number {
  let score = 0
  for (const [position, word] of words.entries()) {
    if (!strong.has(word)) continue
    const nearStart = position < 20
    const nearEnd = position >= words.length - 20
    const place = nearStart ? 1 : nearEnd ? 0.6 : 0.25
    score += place * (weak.has(word) ? (nearStart ? 1 : 0.5) : 1)
  }
  return score
}
