import { createHash } from 'node:crypto'
import type { AgentName } from '../kernel/agent-name.ts'
import type { ChatMessage } from '../kernel/chat.ts'

/** sha256 of the agent and the conversation as the client sent it: role and content alone. */
export function fingerprintOf(agent: AgentName, messages: readonly ChatMessage[]): string {
  const conversation = messages.map(({ role, content }) => [role, content])
  return createHash('sha256')
    .update(JSON.stringify([agent, conversation]))
    .digest('hex')
}

/**
 * Whether tasks with this fingerprint are kept for examination. Decided by hash alone, so that
 * equal tasks are always on the same side, in every process and after every restart.
 */
export function isHeldOut(fingerprint: string, share = 0.12): boolean {
  const digest = createHash('sha256').update(`held-out:${fingerprint}`).digest()
  return digest.readUInt32BE(0) / 2 ** 32 < share
}
