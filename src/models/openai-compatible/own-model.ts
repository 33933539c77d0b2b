import type { ModelDescription } from '../../kernel/model-adapter.ts'
import type { PicoUsdPerToken } from '../../kernel/money.ts'

/** For the tests of the adapter: a model of the operator's own, at two and four dollars a million. */
export const ownModel: ModelDescription = {
  id: 'acme/coder',
  kind: 'frontier',
  contextLength: 32_768,
  price: { prompt: 2_000_000 as PicoUsdPerToken, completion: 4_000_000 as PicoUsdPerToken },
  distillable: 'granted',
  supportedParameters: [],
  inputModalities: ['text'],
  simulated: false,
}
