import { join, resolve } from 'node:path'
import type { TextEmbedder } from '../kernel/text-embedder.ts'
import { StaticEmbedder } from '../models/static-embeddings/static-embedder.ts'
import { openTransformersEmbedder } from '../models/transformers-js/transformers-embedder.ts'
import type { VillageSettings } from '../village/settings.ts'
import type { HomeFolder } from './home-folder.ts'

export type OpenEmbedder = TextEmbedder & { close(): Promise<void> }

/**
 * The model that `embeddings.model` names, run by Transformers.js; the built-in table when none is
 * named. Throws `EmbeddingError` when it cannot be loaded.
 */
export async function openEmbedder(
  settings: VillageSettings['embeddings'],
  home: Pick<HomeFolder, 'path'>,
): Promise<OpenEmbedder> {
  const { model, hubUrl, precision } = settings
  if (model === null) return closable(StaticEmbedder.bundled())
  return openTransformersEmbedder({
    name: model,
    // As a shell would read it: what begins with a dot or a slash is a folder.
    folder: /^[./]/.test(model) ? resolve(home.path, model) : null,
    hubUrl,
    precision,
    cacheFolder: join(home.path, 'embeddings'),
    packageName: '@huggingface/transformers',
  })
}

function closable(embedder: TextEmbedder): OpenEmbedder {
  const { name, hash, dimension } = embedder
  return {
    name,
    hash,
    dimension,
    embed: (text) => embedder.embed(text),
    close: () => Promise.resolve(),
  }
}
