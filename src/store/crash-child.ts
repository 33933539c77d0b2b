import { writeSync } from 'node:fs'
import { openStore } from './open-store.ts'
import { aDecision, anInteraction } from './sample-records.ts'

/** Commits until it is killed; each line on stdout is the id of a record that was acknowledged. */
const [path = '', prefix = ''] = process.argv.slice(2)
const committersAtOnce = 16
let made = 0

writeSync(1, 'opening\n')
const store = await openStore({ path, durability: 'process' })
await Promise.all(Array.from({ length: committersAtOnce }, commitForEver))

async function commitForEver(): Promise<never> {
  for (;;) {
    const name = `${prefix}_${made}`
    made += 1
    await store.ledger.commit([
      { type: 'interaction', record: anInteraction({ id: `int_${name}`, taskId: name }) },
      { type: 'decision', record: aDecision({ id: `dec_${name}`, taskId: name }) },
    ])
    writeSync(1, `${name}\n`)
  }
}
