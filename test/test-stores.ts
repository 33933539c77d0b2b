import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { openStore } from '../src/store/open-store.ts'
import type { SqliteVillageStore } from '../src/store/open-store.ts'
import { temporaryFolder } from './scripted-village.ts'

type TestStore = { readonly current: SqliteVillageStore }

/** Gives each test of the calling file a store of its own, which goes with the test. */
export function storeOfEachTest(): TestStore {
  return storeBetween(beforeEach, afterEach)
}

/** Gives the tests of the calling file one store together. */
export function storeOfAllTests(): TestStore {
  return storeBetween(beforeAll, afterAll)
}

function storeBetween(
  before: (open: () => Promise<void>) => void,
  after: (close: () => Promise<void>) => void,
): TestStore {
  let folder: ReturnType<typeof temporaryFolder>
  let store: SqliteVillageStore
  before(async () => {
    folder = temporaryFolder()
    store = await openStore({ path: `${folder.path}/village.db`, durability: 'process' })
  })
  after(async () => {
    await store.close()
    folder.remove()
  })
  return {
    get current() {
      return store
    },
  }
}
