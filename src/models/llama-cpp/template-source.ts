import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { TemplateTokens } from './chat-template.ts'

export type TemplateSource = TemplateTokens & { readonly template: string }

/** What the model's own file says, used where the folder says nothing. */
export type ModelFileTemplate = {
  readonly template: string | undefined
  readonly bosToken: string | null
  readonly eosToken: string | null
}

/** The folder's `chat_template.jinja`, else its `tokenizer_config.json`, else the model's file. */
export async function readTemplateSource(
  folder: string | null,
  modelFile: ModelFileTemplate,
): Promise<TemplateSource> {
  const config = TokenizerConfig.parse(
    JSON.parse((await readIfThere(folder, 'tokenizer_config.json')) ?? '{}'),
  )
  const template =
    (await readIfThere(folder, 'chat_template.jinja')) ?? config.chat_template ?? modelFile.template
  if (typeof template !== 'string') {
    throw new Error(
      'The model has no chat template: neither chat_template.jinja, nor tokenizer_config.json, nor the GGUF file holds one.',
    )
  }
  return {
    template,
    bosToken: tokenText(config.bos_token) ?? modelFile.bosToken ?? '',
    eosToken: tokenText(config.eos_token) ?? modelFile.eosToken ?? '',
  }
}

const SpecialToken = z.union([z.string(), z.object({ content: z.string() })]).nullish()
const TokenizerConfig = z.object({
  chat_template: z.string().nullish().catch(undefined),
  bos_token: SpecialToken,
  eos_token: SpecialToken,
})

function tokenText(token: z.infer<typeof SpecialToken>): string | undefined {
  if (token === undefined || token === null) return undefined
  return typeof token === 'string' ? token : token.content
}

async function readIfThere(folder: string | null, name: string): Promise<string | undefined> {
  if (folder === null) return undefined
  try {
    return await readFile(join(folder, name), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
