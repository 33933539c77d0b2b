import { Template } from '@huggingface/jinja'
import type { PlainMessage } from './protocol.ts'

/** Text of the template, whose control tokens count, or of a message, in which they are only text. */
type PromptPiece = { readonly kind: 'template' | 'content'; readonly text: string }

export type ChatTemplate = {
  /** Throws when the template refuses the conversation. */
  render(messages: readonly PlainMessage[], addGenerationPrompt: boolean): readonly PromptPiece[]
}

export type TemplateTokens = { readonly bosToken: string; readonly eosToken: string }

/**
 * A model's own chat template (Jinja, as Transformers has it). The contents are put in after the
 * rendering, so that control tokens which a user writes never become control tokens; the
 * trainer renders in the same way.
 */
export function createChatTemplate(source: string, tokens: TemplateTokens): ChatTemplate {
  const template = new Template(source)
  return {
    render: (messages, addGenerationPrompt) => {
      const text = template.render({
        messages: messages.map((message, index) => ({
          ...message.extra,
          role: message.role,
          content: placeholder(index),
        })),
        add_generation_prompt: addGenerationPrompt,
        bos_token: tokens.bosToken,
        eos_token: tokens.eosToken,
      })
      return piecesOf(text, messages)
    },
  }
}

function piecesOf(text: string, messages: readonly PlainMessage[]): readonly PromptPiece[] {
  // Splitting by a pattern with one group puts template text and the numbers of messages in turn.
  return text.split(placeholders).flatMap((part, place): PromptPiece[] => {
    if (place % 2 === 0) return part === '' ? [] : [{ kind: 'template', text: part }]
    const content = messages[Number(part)]?.content ?? ''
    return content === '' ? [] : [{ kind: 'content', text: content }]
  })
}

function placeholder(index: number): string {
  return `\uE000content-${index}\uE001`
}

const placeholders = /\uE000content-(\d+)\uE001/
