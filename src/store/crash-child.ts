import type { LedgerEntry } from '../kernel/stores.ts'
import { openStore } from './open-store.ts'
import { aDecision, anInteraction } from './sample-records.ts'

/** Commits until it is killed; each line on stdout is the id of a record that was acknowledged. */
const [path = '', prefix = '', durability] = process.argv.slice(2)
const committersAtOnce = 16
let made = 0

await print('opening')
const store = await openStore({
  path,
  durability: durability === 'power' ? 'power' : 'process',
  journal: true,
})
await Promise.all(Array.from({ length: committersAtOnce }, commitForEver))

async function commitForEver(): Promise<never> {
  for (;;) {
    const name = `${prefix}_${made}`
    made += 1
    const entries: readonly LedgerEntry[] = [
      { type: 'interaction', record: anInteraction({ id: `int_${name}`, taskId: name }) },
      { type: 'decision', record: aDecision({ id: `dec_${name}`, taskId: name }) },
    ]
    await (made % 5 === 0 ? store.ledger.commit(entries) : store.ledger.record(entries))
    await print(name)
  }
}

async function print(line: string): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.write(`${line}\n`, () => {
      resolve()
    })
  })
}
