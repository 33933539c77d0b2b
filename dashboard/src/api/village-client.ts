import { z } from 'zod'
import { AgentTarget, DecisionTrail, VillageStatus } from '../../../src/http/contract.ts'

/** What went wrong and what to do; `status` is null when no answer arrived at all. */
export class VillageRequestError extends Error {
  override readonly name = 'VillageRequestError'
  readonly status: number | null

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }

  get keyRefused(): boolean {
    return this.status === 401 || this.status === 403
  }
}

export function fetchStatus(apiKey: string, signal: AbortSignal): Promise<VillageStatus> {
  return fetchChecked('village/status', VillageStatus, apiKey, signal)
}

export function fetchTrail(
  apiKey: string,
  decisionId: string,
  signal: AbortSignal,
): Promise<DecisionTrail> {
  const path = `village/decisions/${encodeURIComponent(decisionId)}`
  return fetchChecked(path, DecisionTrail, apiKey, signal)
}

const OwnKey = z.object({ data: z.object({ is_management_key: z.boolean() }) })

/** Keys of owners and operators manage the village, those of viewers only watch it. */
export async function fetchMayManage(apiKey: string, signal: AbortSignal): Promise<boolean> {
  const { data } = await fetchChecked('v1/key', OwnKey, apiKey, signal)
  return data.is_management_key
}

/** `body` is that of `POST /village/targets/{agent}`. */
export async function setTarget(apiKey: string, agent: string, body: object): Promise<AgentTarget> {
  const response = await fetchVillage(`village/targets/${agent}`, apiKey, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return parseReply(await response.json(), AgentTarget)
}

/** Throws a `VillageRequestError` unless the village answers with success. */
export async function fetchVillage(
  path: string,
  apiKey: string,
  init: RequestInit,
): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${apiKey}`)
  let response: Response
  try {
    response = await fetch(path, { ...init, headers, cache: 'no-store' })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new VillageRequestError('The village does not answer.', null, { cause })
  }
  if (!response.ok) {
    throw new VillageRequestError(await failureMessage(response), response.status)
  }
  return response
}

async function fetchChecked<T>(
  path: string,
  schema: z.ZodType<T>,
  apiKey: string,
  signal: AbortSignal,
): Promise<T> {
  const response = await fetchVillage(path, apiKey, { signal })
  return parseReply(await response.json(), schema)
}

/** A page that was loaded before the village was updated must say so and not show wrong figures. */
export function parseReply<T>(reply: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(reply)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.join('.') ?? ''
  throw new VillageRequestError(
    `The village answers in a form that this page does not know (at "${where}"). Reload the page.`,
    200,
    { cause: parsed.error },
  )
}

async function failureMessage(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null)
  const message = (body as { error?: { message?: unknown } } | null)?.error?.message
  return typeof message === 'string' ? message : `The village answered with ${response.status}.`
}
