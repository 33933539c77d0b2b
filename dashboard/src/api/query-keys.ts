/** Every query key of the page. The key is part of it: another key sees another village. */
export const queryKeys = {
  status: (apiKey: string) => ['status', apiKey] as const,
  mayManage: (apiKey: string) => ['may-manage', apiKey] as const,
  decision: (apiKey: string, id: string) => ['decision', apiKey, id] as const,
}
