import { execFile } from 'node:child_process'
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import OpenAI from 'openai'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { DecisionTrail, VillageStatus } from '../src/http/contract.ts'
import type { AgentName } from '../src/kernel/agent-name.ts'
import type { Interaction } from '../src/kernel/interaction.ts'
import type { LocalWeights } from '../src/kernel/model-adapter.ts'
import { seededRandom } from '../src/kernel/random.ts'
import type { Random } from '../src/kernel/random.ts'
import { writeRandomAdapter } from '../src/models/llama-cpp/random-adapter.ts'
import { studentShape } from '../src/models/llama-cpp/test-student.ts'
import { demoFamilies } from '../src/simulation/families/demo-families.ts'
import { createTraffic } from '../src/simulation/traffic.ts'
import type { Traffic } from '../src/simulation/traffic.ts'
import { openStore } from '../src/store/open-store.ts'
import { childProcessId } from './child-process-id.ts'
import { temporaryFolder } from './scripted-village.ts'
import { startVillage, villageEnvironment, villageProgram } from './start-village.ts'
import type { StartedVillage } from './start-village.ts'

const rounds = 3
const senders = 6
const seed = 11

/** An answer that a client has read to its end. */
type ReceivedAnswer = { readonly decisionId: string; readonly text: string }

type WithVillage = { readonly village?: { readonly decision_id: string } }

test('kill -9 at any moment loses no answer that a client received whole', async () => {
  const home = temporaryHome()
  const random = seededRandom(seed)
  const traffic = createTraffic({ seed, families: demoFamilies })
  const keys = new Set<string>()
  const received: ReceivedAnswer[] = []
  let cutOff = 0

  for (let round = 0; round < rounds; round += 1) {
    const village = await startVillage({ home })
    keys.add(village.key)
    const killed = await answerUntilKilled(village, { random, traffic })
    received.push(...killed.received)
    cutOff += killed.cutOff
  }
  await using village = await startVillage({ home })
  keys.add(village.key)
  const recorded = await exportedInteractions(home)
  const trails = await Promise.all(received.map((answer) => trailOf(village, answer.decisionId)))
  const status = await readJson<VillageStatus>(village, '/village/status')

  expect(keys.size).toBe(1)
  expect(received.length).toBeGreaterThanOrEqual(rounds * fewestAnswers)
  expect(cutOff).toBeGreaterThan(0)
  const servedText = ({ interactions }: DecisionTrail): string | undefined =>
    recorded.get(interactions.find(({ purpose }) => purpose === 'serve')?.id ?? '')?.answer
  expect(trails.map(servedText)).toEqual(received.map(({ text }) => text))
  expect(status.totals.tasks).toBe(await countDecisions(home))
  expect(status.decisions.length).toBeGreaterThan(0)
})

test('weights that a crash has damaged or left behind are never served', async () => {
  const home = temporaryHome()
  const checkpoints = join(home, 'checkpoints')
  const damaged = await writeAdapter(join(checkpoints, 'run_damaged'), 1)
  const sound = await writeAdapter(join(checkpoints, 'run_sound'), 2)
  await recordPromotion(home, 'king', damaged)
  await recordPromotion(home, 'sage', sound)
  await truncate(damaged.path, 1_000)
  await mkdir(join(checkpoints, 'run_cut.partial'))
  await writeFile(join(checkpoints, 'run_cut.partial', 'adapter.gguf'), 'GGUF')

  await using village = await startVillage({ home })
  const status = await readJson<VillageStatus>(village, '/village/status')
  const answer = await clientOf(village).chat.completions.create({
    model: 'local/king',
    messages: [{ role: 'user', content: 'Hello' }],
    max_tokens: 8,
  })

  const serving = status.agents.map(({ name, checkpoint }) => [name, checkpoint?.hash ?? null])
  expect(Object.fromEntries(serving)).toEqual({ king: null, sage: sound.hash, magi: null })
  expect(answer).toMatchObject({ village: { route: 'local', checkpoint: null } })
  expect(status.promotions).toContainEqual(
    expect.objectContaining({
      agent: 'king',
      action: 'rollback',
      reason: expect.stringContaining('could not be loaded at start') as string,
    }),
  )
  expect(status.runs).toContainEqual(
    expect.objectContaining({
      id: 'run_of_king',
      status: 'failed',
      reason: 'the village stopped during the run',
    }),
  )
  expect(await readdir(checkpoints)).not.toContain('run_cut.partial')
})

test('requests go on being answered when the process of the local models is killed', async () => {
  await using village = await startVillage()
  const client = clientOf(village)
  const firstProcess = await childProcessId(village.pid, 'inference-process')
  const ask = (index: number) =>
    client.chat.completions.create({
      model: 'local/king',
      messages: [{ role: 'user', content: `Say something about ticket ${index}` }],
      max_tokens: 64,
    })

  const underWay = Array.from({ length: 8 }, (_, index) => ask(index))
  await Promise.race(underWay)
  process.kill(firstProcess, 'SIGKILL')
  const answers = await Promise.all([...underWay, ask(8)])

  expect(answers.map(({ choices }) => choices[0]?.finish_reason)).not.toContain(undefined)
  const routes = new Set(answers.map((answer) => answer as { village?: { route: string } }))
  expect([...routes].every(({ village: block }) => block?.route === 'local')).toBe(true)
  const nextProcess = await vi.waitFor(() => childProcessId(village.pid, 'inference-process'), {
    timeout: 60_000,
  })
  expect(nextProcess).not.toBe(firstProcess)
})

const fewestAnswers = 12

/** Sends tasks from several clients at once, and kills the village after a random answer of them. */
async function answerUntilKilled(
  village: StartedVillage,
  { random, traffic }: { readonly random: Random; readonly traffic: Traffic },
): Promise<{ readonly received: readonly ReceivedAnswer[]; readonly cutOff: number }> {
  const client = clientOf(village)
  const killAfter = fewestAnswers + Math.floor(random() * fewestAnswers)
  const received: ReceivedAnswer[] = []
  let killing: Promise<void> | undefined
  let cutOff = 0
  const send = async (): Promise<void> => {
    while (killing === undefined) {
      const task = traffic.next()
      const messages = task.request.messages as OpenAI.ChatCompletionMessageParam[]
      const question = { model: task.requestedModel, messages }
      try {
        received.push(await (random() < 0.5 ? whole(client, question) : streamed(client, question)))
      } catch (error) {
        if (killing === undefined) throw error
        cutOff += 1
      }
      if (received.length >= killAfter) killing ??= village.kill()
    }
  }
  await Promise.all(Array.from({ length: senders }, send))
  await killing
  return { received, cutOff }
}

type Question = {
  readonly model: string
  readonly messages: OpenAI.ChatCompletionMessageParam[]
}

async function whole(client: OpenAI, question: Question): Promise<ReceivedAnswer> {
  const answer = await client.chat.completions.create(question)
  const { village } = answer as WithVillage
  return {
    decisionId: village?.decision_id ?? '',
    text: answer.choices[0]?.message.content ?? '',
  }
}

async function streamed(client: OpenAI, question: Question): Promise<ReceivedAnswer> {
  const stream = await client.chat.completions.create({ ...question, stream: true })
  let [text, decisionId] = ['', '']
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    decisionId = (chunk as WithVillage).village?.decision_id ?? decisionId
  }
  if (decisionId === '') throw new Error('The stream ended before it was whole')
  return { decisionId, text }
}

/** As `village export interactions` writes them, by id. */
async function exportedInteractions(home: string): Promise<ReadonlyMap<string, Interaction>> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [villageProgram, 'export', 'interactions'],
    { env: villageEnvironment(home), maxBuffer: 2 ** 28 },
  )
  const records = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Interaction)
  return new Map(records.map((record) => [record.id, record]))
}

async function countDecisions(home: string): Promise<number> {
  const store = await openStore({
    path: join(home, 'village.db'),
    durability: 'process',
    journal: true,
  })
  try {
    return await store.ledger.count('decision')
  } finally {
    await store.close()
  }
}

function trailOf(village: StartedVillage, decisionId: string): Promise<DecisionTrail> {
  return readJson<DecisionTrail>(village, `/village/decisions/${decisionId}`)
}

async function readJson<Reply>(village: StartedVillage, path: string): Promise<Reply> {
  const response = await fetch(`${village.url}${path}`, {
    headers: { authorization: `Bearer ${village.key}` },
  })
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return (await response.json()) as Reply
}

async function writeAdapter(folder: string, adapterSeed: number): Promise<LocalWeights> {
  await mkdir(folder, { recursive: true })
  const shape = await studentShape()
  return writeRandomAdapter({
    ...shape,
    folder,
    seed: adapterSeed,
    strength: 1,
    name: 'adapter.gguf',
  })
}

/** What a village has in its ledger when it dies just after a promotion, beside a run under way. */
async function recordPromotion(
  home: string,
  agent: AgentName,
  { hash, path }: LocalWeights,
): Promise<void> {
  const store = await openStore({
    path: join(home, 'village.db'),
    durability: 'process',
    journal: true,
  })
  const run = { trainingRunId: `run_of_${agent}`, datasetVersionId: 'ds_1' }
  await store.ledger.commit([
    {
      type: 'checkpoint',
      record: {
        hash,
        agent,
        folder: join(path, '..'),
        ggufPath: path,
        studentHash: 'student',
        createdAtMs: 1,
        ...run,
      },
    },
    {
      type: 'promotion',
      record: {
        id: `promo_of_${agent}`,
        agent,
        action: 'promotion',
        from: null,
        to: hash,
        evaluationId: null,
        reason: 'better',
        atMs: 1,
      },
    },
  ])
  await store.runs.save({
    id: run.trainingRunId,
    agent,
    trigger: 'test',
    datasetVersionId: run.datasetVersionId,
    status: 'evaluating',
    phase: 'promoting',
    step: 10,
    maxSteps: 10,
    metrics: {},
    reason: null,
    checkpointHash: hash,
    startedAtMs: 1,
    finishedAtMs: null,
  })
  await store.close()
}

function clientOf(village: StartedVillage): OpenAI {
  return new OpenAI({ baseURL: `${village.url}/v1`, apiKey: village.key, maxRetries: 0 })
}

function temporaryHome(): string {
  const folder = temporaryFolder()
  onTestFinished(() => folder.remove())
  return folder.path
}
