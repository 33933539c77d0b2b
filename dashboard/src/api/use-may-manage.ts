import { useQuery } from '@tanstack/react-query'
import { queryKeys } from './query-keys.ts'
import { fetchMayManage } from './village-client.ts'

/** Whether the key may change what the village does; false until that is known. */
export function useMayManage(apiKey: string): boolean {
  const { data } = useQuery({
    queryKey: queryKeys.mayManage(apiKey),
    queryFn: ({ signal }) => fetchMayManage(apiKey, signal),
    staleTime: Infinity,
    retry: 1,
  })
  return data ?? false
}
