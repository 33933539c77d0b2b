import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { VillageStatus } from '../src/http/contract.ts'
import type { Decision } from '../src/kernel/decision.ts'
import { createVirtualClock } from '../src/simulation/virtual-clock.ts'
import { openStore } from '../src/store/open-store.ts'
import { AgentTargets } from '../src/village/planning/agent-targets.ts'
import { createTestVillage, temporaryFolder } from './scripted-village.ts'
import { startVillage, villageEnvironment, villageProgram } from './start-village.ts'

let folder: ReturnType<typeof temporaryFolder>

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(() => folder.remove())

const otherwise = { alpha: 0.05, delta: 0.1 }
const noneInFile = { king: null, sage: null, magi: null }
const signal = new AbortController().signal

const storeIn = (path: string) => openStore({ path: `${path}/village.db`, durability: 'process' })

test('the newest of file and command counts, also after a restart', async () => {
  const store = await storeIn(folder.path)
  const inFile = { ...noneInFile, king: { latencyMs: 500 } }
  const open = (file: typeof inFile | typeof noneInFile) =>
    AgentTargets.open({ states: store.states, inFile: file, otherwise })
  const first = await open(inFile)
  const changes: unknown[] = []
  first.onChange((agent, target) => void changes.push([agent, target]))

  await first.set('king', { budgetUsdPerDay: 2 })
  await first.set('sage', { alpha: 0.01, delta: 0.1 })
  const again = await open(inFile)
  const changedFile = await open({ ...noneInFile, king: { latencyMs: 700 } })
  await store.close()

  expect(changes).toEqual([
    ['king', { budgetUsdPerDay: 2 }],
    ['sage', { alpha: 0.01, delta: 0.1 }],
  ])
  expect([again.of('king'), again.of('sage'), again.of('magi')]).toEqual([
    { budgetUsdPerDay: 2 },
    { alpha: 0.01, delta: 0.1 },
    otherwise,
  ])
  expect(changedFile.of('king')).toEqual({ latencyMs: 700 })
})

test('a saved state of another version counts as none', async () => {
  const store = await storeIn(folder.path)
  await store.states.save('village/targets', { version: 99, agents: { king: 'what?' } })

  const targets = await AgentTargets.open({ states: store.states, inFile: noneInFile, otherwise })
  await store.close()

  expect(targets.of('king')).toEqual(otherwise)
})

test('a budget moves traffic to the local model as the day goes, and every decision says so', async () => {
  const store = await storeIn(folder.path)
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 0, 1, 6) })
  const targets = await AgentTargets.open({
    states: store.states,
    inFile: { ...noneInFile, king: { budgetUsdPerDay: 0.000_4 } },
    otherwise,
  })
  const { village, accounting } = createTestVillage({
    store,
    clock,
    targets,
    frontier: () => 'billing',
    local: () => 'refunds',
  })
  const decisions: Decision[] = []
  for (let at = 0; at < 900; at += 1) {
    const { decision } = await village.answer(
      {
        request: { messages: [{ role: 'user', content: `Sort message ${at}` }], sampling: {} },
        requestedModel: 'village/king',
        streamed: false,
      },
      { signal },
    )
    await village.whenIdle()
    clock.advance(60_000)
    decisions.push(decision)
  }
  const localShare = (from: number, to: number): number =>
    decisions.slice(from, to).filter(({ route }) => route === 'local').length / (to - from)
  await store.close()

  // 900 tasks of 1,000 nano-dollars in what is left of the day, for a budget of 400.
  expect(localShare(0, 20)).toBe(0)
  expect(localShare(100, 900)).toBeGreaterThan(0.5)
  expect(accounting.spentToday('king', clock.now())).toBeLessThanOrEqual(420_000)
  const local = decisions.findLast(({ route }) => route === 'local')
  expect(local?.policy).toBe('budget')
  expect(local?.explanation?.sentence).toMatch(/^Local: .* a day is spent.*quality is not bounded/)
  expect(local?.explanation?.alternative).toMatchObject({ route: 'frontier' })
})

test('the command line sets the target of a village that runs, and of one that is stopped', async () => {
  const run = async (...words: readonly string[]) => {
    const environment = villageEnvironment(folder.path, { VILLAGE_PORT: port })
    const argv = [villageProgram, 'target', ...words]
    const { stdout } = await promisify(execFile)(process.execPath, argv, { env: environment })
    return stdout
  }
  const settings = { learning: { enabled: false } }
  let village = await startVillage({ home: folder.path, settings })
  let port = new URL(village.url).port

  const whileItRuns = await run('king', '--budget-usd-per-day', '2')
  const shown = await run('king')
  await village.stop()
  const whileStopped = await run('sage', '--alpha', '0.01')
  village = await startVillage({ home: folder.path, settings })
  port = new URL(village.url).port
  const status = VillageStatus.parse(
    await (
      await fetch(`${village.url}/village/status`, {
        headers: { authorization: `Bearer ${village.key}` },
      })
    ).json(),
  )
  await village.stop()

  expect(whileItRuns).toBe('king: at most $2 a day; quality is not bounded.\n')
  expect(shown).toContain('king: at most $2 a day; quality is not bounded')
  expect(whileStopped).toBe(
    'sage: at most 1 % lost with 90 % confidence (from the next start on).\n',
  )
  const target = (name: string) => status.agents.find((agent) => agent.name === name)?.target
  expect(target('king')).toMatchObject({ budgetUsdPerDay: 2, boundsQuality: false })
  expect(target('sage')).toMatchObject({ alpha: 0.01, delta: 0.1, boundsQuality: true })
  expect(target('magi')).toMatchObject({ alpha: 0.05, delta: 0.1 })
})
