import {
  getLlama,
  LlamaLogLevel,
  type LlamaGrammar,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp'
import { createChatTemplate, type ChatTemplate } from './chat-template.ts'
import type { PlainMessage } from './protocol.ts'
import { readTemplateSource } from './template-source.ts'

export type InferenceModel = {
  readonly model: LlamaModel
  /** Tokens that end an answer, beside those that the model's file marks as such. */
  readonly endTokens: ReadonlySet<Token>
  encode(messages: readonly PlainMessage[], addGenerationPrompt: boolean): Token[]
  /** Rejects when llama.cpp cannot read it. */
  grammar(text: string): Promise<LlamaGrammar>
}

const mostGrammars = 32

/** Loads a GGUF model with the prebuilt llama.cpp; nothing is compiled or fetched. */
export async function loadInferenceModel(options: {
  readonly modelPath: string
  readonly templateFolder: string | null
  readonly threads: number
  readonly gpu: boolean
}): Promise<InferenceModel> {
  const llama = await getLlama({
    build: 'never',
    gpu: options.gpu ? 'auto' : false,
    logLevel: LlamaLogLevel.error,
    progressLogs: false,
    maxThreads: options.threads,
  })
  const model = await llama.loadModel({ modelPath: options.modelPath })
  const source = await readTemplateSource(options.templateFolder, {
    template: model.fileInfo.metadata.tokenizer?.chat_template,
    bosToken: model.tokens.bosString,
    eosToken: model.tokens.eosString,
  })
  const template = createChatTemplate(source.template, source)
  const encode = (messages: readonly PlainMessage[], addGenerationPrompt: boolean): Token[] =>
    template
      .render(messages, addGenerationPrompt)
      .flatMap((piece) => model.tokenize(piece.text, piece.kind === 'template'))
  const grammars = new Map<string, Promise<LlamaGrammar>>()
  const grammar = (text: string): Promise<LlamaGrammar> => {
    const known = grammars.get(text)
    if (known !== undefined) return known
    const made = llama.createGrammar({ grammar: text })
    grammars.set(text, made)
    const [oldest] = grammars.keys()
    if (grammars.size > mostGrammars && oldest !== undefined) grammars.delete(oldest)
    return made
  }
  return { model, encode, grammar, endTokens: endTokensOf(template, model) }
}

/** The control token with which the template closes an assistant's message, if it has one. */
function endTokensOf(template: ChatTemplate, model: LlamaModel): ReadonlySet<Token> {
  let closing = ''
  try {
    const pieces = template.render(
      [
        { role: 'user', content: 'question' },
        { role: 'assistant', content: 'answer' },
      ],
      false,
    )
    const answerAt = pieces.findIndex((piece) => piece.text === 'answer')
    closing = pieces[answerAt + 1]?.text ?? ''
  } catch {
    // A template that takes no assistant's message leaves the ends that the model's file marks.
  }
  const end = model.tokenize(closing, true).find((token) => model.isSpecialToken(token))
  return new Set(end === undefined ? [] : [end])
}
