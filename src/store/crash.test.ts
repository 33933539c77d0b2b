import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { openStore } from './open-store.ts'
import { openForReading } from './sqlite-connection.ts'

const rounds = Number(process.env['VILLAGE_CRASH_ROUNDS'] ?? 20)
const roundsPerDatabase = 25
const maxAcknowledged = 400
const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url))

test(
  `kill -9 at ${rounds} random points loses no acknowledged record and tears no commit`,
  { timeout: 120_000 + rounds * 6_000 },
  async () => {
    const random = seededRandom(20_261_123)
    let folder = ''
    let acknowledged: string[] = []
    const problems: string[] = []
    for (let round = 0; round < rounds; round += 1) {
      if (round % roundsPerDatabase === 0) {
        if (folder !== '') await rm(folder, { recursive: true })
        folder = await mkdtemp(join(tmpdir(), 'village-crash-'))
        acknowledged = []
      }
      const path = join(folder, 'village.db')
      const killAfter = Math.floor(random() ** 2 * maxAcknowledged)

      const durability = round % 4 === 3 ? 'power' : 'process'
      const args = [path, `round${round}`, durability]
      acknowledged.push(...(await acknowledgedBeforeKill(args, killAfter)))

      if (acknowledged.length > 0) await writeWhatWasRecorded(path)
      problems.push(...problemsIn(path, acknowledged))
    }
    await rm(folder, { recursive: true })

    expect(problems).toEqual([])
  },
)

/** Kills the child when it has acknowledged `killAfter` records; 0 kills it while it opens. */
async function acknowledgedBeforeKill(
  args: readonly string[],
  killAfter: number,
): Promise<readonly string[]> {
  const committing = spawn(process.execPath, [child, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(committing, 'exit')
  const acknowledged: string[] = []
  for await (const line of createInterface({ input: committing.stdout })) {
    if (line !== 'opening') acknowledged.push(line)
    if (acknowledged.length >= killAfter) committing.kill('SIGKILL')
  }
  const [, signal] = await ended
  if (signal !== 'SIGKILL') throw new Error('The child ended before it was killed')
  return acknowledged
}

async function writeWhatWasRecorded(path: string): Promise<void> {
  await (await openStore({ path, durability: 'process', journal: true })).close()
}

function problemsIn(path: string, acknowledged: readonly string[]): readonly string[] {
  if (acknowledged.length === 0) return []
  const database = openForReading(path)
  try {
    const integrity = database.prepare('pragma integrity_check').get()
    const found = new Set(database.prepare('select task_id from interactions').all().map(taskIdOf))
    const torn = database
      .prepare(
        `select count(*) as torn from interactions full join decisions using (task_id)
         where interactions.record_key is null or decisions.record_key is null`,
      )
      .get()
    const counted = database
      .prepare(
        `select (select records from record_counts where table_name = 'interactions')
           - (select count(*) from interactions) as miscounted`,
      )
      .get()
    return [
      ...acknowledged.filter((name) => !found.has(name)).map((name) => `lost ${name}`),
      ...(integrity?.['integrity_check'] === 'ok' ? [] : [JSON.stringify(integrity)]),
      ...(torn?.['torn'] === 0 ? [] : [JSON.stringify(torn)]),
      ...(counted?.['miscounted'] === 0 ? [] : [JSON.stringify(counted)]),
    ]
  } finally {
    database.close()
  }
}

function taskIdOf(row: Readonly<Record<string, unknown>>): string {
  return String(row['task_id'])
}
