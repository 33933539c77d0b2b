import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeVillageStore } from './contract.ts'
import { openStore } from './open-store.ts'

const kinds = {
  'the SQLite store without a journal': { durability: 'process', journal: false },
  'the SQLite store with a journal': { durability: 'process', journal: true },
  'the SQLite store with a journal that survives a power cut': {
    durability: 'power',
    journal: true,
  },
} as const

for (const [name, options] of Object.entries(kinds)) {
  describeVillageStore(name, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'village-store-'))
    const store = await openStore({ path: join(folder, 'village.db'), ...options })
    return { store, remove: () => rm(folder, { recursive: true, force: true }) }
  })
}
