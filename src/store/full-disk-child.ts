import { openStore } from './open-store.ts'
import { anInteraction } from './sample-records.ts'

/** Commits a small, a large and a small record and prints what became of each. */
const store = await openStore({ path: process.argv[2] ?? '', durability: 'process' })
const before = await outcomeOf('int_before', 'short')
const large = await outcomeOf('int_large', 'x'.repeat(8_000_000))
const after = await outcomeOf('int_after', 'short')
await store.close()
process.stdout.write(JSON.stringify({ before, large, after }))

async function outcomeOf(id: string, answer: string): Promise<string> {
  try {
    await store.ledger.commit([{ type: 'interaction', record: anInteraction({ id, answer }) }])
    return 'written'
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown'
  }
}
