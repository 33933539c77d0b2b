import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { DecisionTrail } from '../../../src/http/contract.ts'
import { queryKeys } from './query-keys.ts'
import { fetchTrail } from './village-client.ts'

export function useDecisionTrail(
  apiKey: string,
  decisionId: string,
): UseQueryResult<DecisionTrail> {
  return useQuery({
    queryKey: queryKeys.decision(apiKey, decisionId),
    queryFn: ({ signal }) => fetchTrail(apiKey, decisionId, signal),
    // A later audit or correction may add to the trail.
    staleTime: 10_000,
    retry: 1,
  })
}
