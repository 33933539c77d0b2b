import type { ChatRequest } from '../../kernel/chat.ts'
import { answered, ask, openSemantic, openSharing, signal, state } from './sharing-fixtures.ts'
import type { AnsweredTask, AnswerInput } from '../village-service.ts'

export function saying(
  text: string,
  change: Partial<AnswerInput> = {},
  more: Partial<ChatRequest> = {},
) {
  return ask(change, { messages: [{ role: 'user', content: text }], ...more })
}

export function sameAnswer(): void {
  state.script = async function* () {
    yield answered('By the link.')
  }
}

export type SemanticFixture = ReturnType<typeof openSharing> & {
  readonly semantic: ReturnType<typeof openSemantic>
}

export function openFixture(settings: object = {}): SemanticFixture {
  const semantic = openSemantic()
  return { ...openSharing(settings, semantic), semantic }
}

/** Equal words in as many orders as are asked for. */
export function* orders(words: readonly string[]): Generator<string> {
  for (let at = 0; ; at += 1) {
    const turned = [...words.slice(at % words.length), ...words.slice(0, at % words.length)]
    const swap = Math.floor(at / words.length) % words.length
    const [first = ''] = turned.splice(swap, 1)
    yield [...turned, first].join(' ')
  }
}

export const words = 'how can i please reset my old password for this site again today'.split(' ')

/** Asks in ever new words until the tenant's first band is open. */
export async function openBand(
  { village, semantic }: SemanticFixture,
  change: Partial<AnswerInput> = {},
): Promise<Generator<string>> {
  const texts = orders(words)
  for (let asked = 0; asked < 60; asked += 1) {
    const { value } = texts.next()
    await village.answer(saying(String(value), change), { signal })
    await semantic.idle()
  }
  return texts
}

export const nextOf = (texts: Generator<string>): string => String(texts.next().value)

export function semanticHits(answers: readonly AnsweredTask[]): number {
  return answers.filter(({ decision }) => decision.reused?.from === 'semantic').length
}

export function checks() {
  return state.committed.filter((entry) => entry.type === 'cache-check').map(({ record }) => record)
}

export function isAudited({ reused }: AnsweredTask['decision']): boolean {
  return reused?.from === 'semantic' && reused.audited
}
