import { DatabaseSync } from 'node:sqlite'

/** Columns of a ledger row that are copied as they are. */
const tables = {
  interactions: 'purpose, model, model_kind, checkpoint, cost_nano_usd, failed',
  decisions: 'kind, route, model, checkpoint, cost_nano_usd, always_frontier_cost_nano_usd',
} as const

/**
 * Multiplies the interactions and decisions of a village that does not run until it has so many
 * interactions: each copy has a key, a task and a time of its own, a second apart and before the
 * first original, as a history of months has.
 */
export function fillHistory(databasePath: string, interactions: number): void {
  const database = new DatabaseSync(databasePath)
  try {
    database.exec(
      'pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -262144',
    )
    const originals = countOf(database, 'interactions')
    const copies = Math.ceil((interactions - originals) / originals)
    if (copies <= 0) return
    for (const [table, columns] of Object.entries(tables)) {
      database.exec('begin')
      database.exec(copyRows(table, columns, copies))
      database.exec(`
        delete from record_counts where table_name = '${table}';
        insert into record_counts (table_name, agent, records)
        select '${table}', coalesce(agent, ''), count(*) from ${table} group by coalesce(agent, '')`)
      database.exec('commit')
    }
    database.exec('pragma wal_checkpoint(truncate)')
  } finally {
    database.close()
  }
}

function copyRows(table: string, columns: string, copies: number): string {
  return `
    with recursive
      copy (number) as (select 1 union all select number + 1 from copy where number < ${copies}),
      first (at_ms, records) as (select min(at_ms), count(*) from ${table})
    insert into ${table} (record_key, agent, task_id, at_ms, body, ${columns})
    select
      printf('%s_%08d%06d', substr(record_key, 1, 3), number, sequence),
      agent,
      printf('task_%08d%06d', number, sequence),
      first.at_ms - 1000 * ((${copies} - number + 1) * first.records - sequence),
      replace(body, record_key, printf('%s_%08d%06d', substr(record_key, 1, 3), number, sequence)),
      ${columns}
    from copy cross join ${table} cross join first
    order by number, sequence`
}

function countOf(database: DatabaseSync, table: string): number {
  return Number(database.prepare(`select count(*) as records from ${table}`).get()?.['records'])
}
