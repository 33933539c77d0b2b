import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { type ConnectionState, followStatus } from './follow-status.ts'
import { queryKeys } from './query-keys.ts'
import { fetchStatus } from './village-client.ts'

/** One request for the first view, then the event stream writes every newer status into its cache. */
export function useVillageStatus(apiKey: string): {
  readonly query: UseQueryResult<VillageStatus>
  readonly connection: ConnectionState
} {
  const client = useQueryClient()
  const [connection, setConnection] = useState<ConnectionState>({ kind: 'connecting' })
  const query = useQuery({
    queryKey: queryKeys.status(apiKey),
    queryFn: ({ signal }) => fetchStatus(apiKey, signal),
    // The stream keeps trying; its first message mends this query too.
    retry: false,
    staleTime: Infinity,
  })

  useEffect(() => {
    const stop = new AbortController()
    void followStatus({
      apiKey,
      signal: stop.signal,
      onStatus: (status) => client.setQueryData(queryKeys.status(apiKey), status),
      onState: setConnection,
    })
    return () => stop.abort()
  }, [apiKey, client])

  return { query, connection }
}
