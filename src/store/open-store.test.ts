import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeVillageStore } from './contract.ts'
import { openStore } from './open-store.ts'

for (const journal of [false, true]) {
  describeVillageStore(`the SQLite store ${journal ? 'with' : 'without'} a journal`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'village-store-'))
    const path = join(folder, 'village.db')
    const store = await openStore({ path, durability: 'process', journal })
    return { store, remove: () => rm(folder, { recursive: true, force: true }) }
  })
}
