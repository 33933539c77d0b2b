import { afterEach, beforeEach } from 'vitest'
import { openStore } from '../src/store/open-store.ts'
import type { SqliteVillageStore } from '../src/store/open-store.ts'
import { temporaryFolder } from './scripted-village.ts'

/** Gives each test of the calling file a store of its own, which goes with the test. */
export function storeOfEachTest(): { readonly current: SqliteVillageStore } {
  let folder: ReturnType<typeof temporaryFolder>
  let store: SqliteVillageStore
  beforeEach(async () => {
    folder = temporaryFolder()
    store = await openStore({ path: `${folder.path}/village.db`, durability: 'process' })
  })
  afterEach(async () => {
    await store.close()
    folder.remove()
  })
  return {
    get current() {
      return store
    },
  }
}
