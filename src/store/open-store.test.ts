import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeVillageStore } from './contract.ts'
import { openStore } from './open-store.ts'

describeVillageStore('the SQLite store', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'village-store-'))
  const store = await openStore({ path: join(folder, 'village.db'), durability: 'process' })
  return { store, remove: () => rm(folder, { recursive: true, force: true }) }
})
