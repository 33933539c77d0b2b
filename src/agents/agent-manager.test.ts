import { expect, test } from 'vitest'
import type { ChatMessage } from '../kernel/chat.ts'
import { NotReadyError } from '../kernel/errors.ts'
import { AgentManager } from './agent-manager.ts'
import { defaultAgentsSettings } from './default-settings.ts'

const code: readonly ChatMessage[] = [{ role: 'user', content: 'Write a function in JavaScript.' }]

test('lets King choose for "village", and obeys a named agent', () => {
  const manager = new AgentManager(defaultAgentsSettings)

  expect(manager.agentFor('village', code)?.name).toBe('magi')
  expect(manager.agentFor('village/king', code)?.name).toBe('king')
})

test('knows no agent for other model names', () => {
  const manager = new AgentManager(defaultAgentsSettings)

  const found = ['openai/gpt-4o', 'local/king', 'village/queen'].map((name) =>
    manager.agentFor(name, code),
  )

  expect(found).toEqual([undefined, undefined, undefined])
})

test('changes the settings of one agent and leaves the others', () => {
  const manager = new AgentManager(defaultAgentsSettings)

  manager.configure('sage', { frontierModel: 'a/b' })

  expect(manager.agent('sage').settings.frontierModel).toBe('a/b')
  expect(manager.settings().king).toEqual(defaultAgentsSettings.king)
})

test('refuses tasks once closed', () => {
  const manager = new AgentManager(defaultAgentsSettings)

  manager.close()

  expect(() => manager.agentFor('village', code)).toThrow(NotReadyError)
})
