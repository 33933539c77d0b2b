import type { ChatRequest } from '../../kernel/chat.ts'
import { InvalidRequestError, UnknownModelError } from '../../kernel/errors.ts'
import type { LocalModels, ModelAdapter, ModelCatalogue } from '../../kernel/model-adapter.ts'
import { withRecommendedSampling } from '../../kernel/model-sampling.ts'
import { beyondLocal } from '../planning/beyond-local.ts'
import { resolveModel } from '../planning/resolve-model.ts'
import { localCandidate } from './local-candidate.ts'
import type { Candidate } from './serve-with-fallback.ts'

export type NamedCandidates = {
  readonly candidates: readonly Candidate[]
  /** Why names of the list have no candidate, one sentence each. */
  readonly skipped: readonly string[]
}

type Ports = {
  readonly catalogue: ModelCatalogue
  readonly local: LocalModels
  readonly signal: AbortSignal
}

/** `namedCandidates` for models of which at least one must be had. Throws what is wrong with them. */
export async function requiredCandidates(
  names: readonly string[],
  request: ChatRequest,
  ports: Ports,
): Promise<NamedCandidates> {
  const [only] = names
  if (names.length === 1 && only !== undefined) {
    return { candidates: [await candidateOf(only, request, ports)], skipped: [] }
  }
  const named = await namedCandidates(names, request, ports)
  if (named.candidates.length > 0) return named
  throw new InvalidRequestError(`No model of the list can be asked: ${named.skipped.join('; ')}`, {
    param: 'models',
    code: 'model_not_found',
  })
}

/** The models that a client listed, to be tried in order; names that cannot be had are passed over. */
export async function namedCandidates(
  names: readonly string[],
  request: ChatRequest,
  ports: Ports,
): Promise<NamedCandidates> {
  const candidates: Candidate[] = []
  const skipped: string[] = []
  for (const name of names) {
    try {
      candidates.push({ ...(await candidateOf(name, request, ports)), nextOnAnyError: true })
    } catch (error) {
      if (!(error instanceof UnknownModelError) && !(error instanceof InvalidRequestError)) {
        throw error
      }
      skipped.push(`${name.slice(0, 256)} failed: ${error.message}`)
    }
  }
  return { candidates, skipped }
}

/** A frontier model that the client named, asked as the models list recommends. */
export function namedFrontierCandidate(adapter: ModelAdapter, request: ChatRequest): Candidate {
  return {
    route: 'frontier',
    adapter,
    request: withRecommendedSampling(request, adapter.description),
  }
}

async function candidateOf(name: string, request: ChatRequest, ports: Ports): Promise<Candidate> {
  const requested = resolveModel(name)
  switch (requested.type) {
    case 'frontier': {
      const adapter = await ports.catalogue.adapter(requested.slug, ports.signal)
      return namedFrontierCandidate(adapter, request)
    }
    case 'local': {
      const adapter = ports.local.forAgent(requested.name)
      const beyond = beyondLocal(request, adapter)
      if (beyond === null) return localCandidate(adapter, request)
      throw new InvalidRequestError(
        `The local model cannot ${beyond.what}. Ask village/${requested.name}: its frontier model can.`,
        { param: beyond.param, code: 'beyond_local_model' },
      )
    }
    case 'agent':
    case 'village':
      throw new InvalidRequestError(
        `"${name}" chooses a model itself, so it can only be the first of "models".`,
        { param: 'models' },
      )
  }
}
