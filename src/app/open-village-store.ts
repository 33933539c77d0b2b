import { openStore } from '../store/open-store.ts'
import type { SqliteVillageStore } from '../store/open-store.ts'
import type { VillageSettings } from '../village/settings.ts'
import type { HomeFolder } from './home-folder.ts'
import type { VillageLog } from './village-log.ts'

export function openVillageStore(
  home: HomeFolder,
  { durability }: VillageSettings,
  log: VillageLog,
): Promise<SqliteVillageStore> {
  return openStore({
    path: home.database,
    durability,
    journal: true,
    onRefused: (error) => log.error({ err: error }, 'a record was refused by the database'),
  })
}
