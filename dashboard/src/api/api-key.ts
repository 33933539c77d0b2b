import { useCallback, useEffect, useState } from 'react'

const storageName = 'village-api-key'

/** The key in an address such as `#key=vk-…`, or null when it carries none. */
export function apiKeyFromHash(hash: string): string | null {
  const key = new URLSearchParams(hash.replace(/^#/, '')).get('key')?.trim()
  return key ? key : null
}

/** The key lives as long as the tab; one that comes in the address is taken out of it at once. */
export function useApiKey(): {
  readonly apiKey: string | null
  readonly setApiKey: (apiKey: string | null) => void
} {
  const [apiKey, setState] = useState(takeInitialKey)
  const setApiKey = useCallback((next: string | null) => {
    storeKey(next)
    setState(next)
  }, [])

  useEffect(() => {
    const onHashChange = (): void => {
      const fromAddress = takeKeyFromAddress()
      if (fromAddress) setApiKey(fromAddress)
    }
    window.addEventListener('hashchange', onHashChange)
    return () => window.removeEventListener('hashchange', onHashChange)
  }, [setApiKey])

  return { apiKey, setApiKey }
}

function takeInitialKey(): string | null {
  const fromAddress = takeKeyFromAddress()
  if (fromAddress) storeKey(fromAddress)
  return fromAddress ?? sessionStorage.getItem(storageName)
}

function takeKeyFromAddress(): string | null {
  const key = apiKeyFromHash(window.location.hash)
  if (key) window.history.replaceState(null, '', window.location.pathname + window.location.search)
  return key
}

function storeKey(apiKey: string | null): void {
  if (apiKey) sessionStorage.setItem(storageName, apiKey)
  else sessionStorage.removeItem(storageName)
}
