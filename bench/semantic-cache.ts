import { parseArgs } from 'node:util'
import { StaticEmbedder } from '../src/models/static-embeddings/static-embedder.ts'
import { factIntents } from './semantic-cache/fact-intents.ts'
import { helpIntents } from './semantic-cache/help-intents.ts'
import type { Intent } from './semantic-cache/intent.ts'
import { officeIntents } from './semantic-cache/office-intents.ts'
import { playTraffic } from './semantic-cache/play-traffic.ts'
import type { Played } from './semantic-cache/play-traffic.ts'

/**
 * `npm run bench:semantic-cache -- [--requests N] [--seeds N] [--max-wrong-share A] [--json]`:
 * paraphrases and hard negatives played through the cache that serves, with the exact cache alone as
 * the baseline. Of the two sets, `help desk` was looked at while the rules were written; `office` was
 * written afterwards.
 */
const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seeds: { type: 'string', default: '3' },
    'max-wrong-share': { type: 'string', default: '0.01' },
    json: { type: 'boolean', default: false },
  },
})
const requests = Number(options.requests)
const maxWrongShare = Number(options['max-wrong-share'])

const sets: Readonly<Record<string, readonly Intent[]>> = {
  'help desk': [...factIntents, ...helpIntents],
  office: officeIntents,
}
const caches = { exact: null, semantic: StaticEmbedder.bundled() } as const

type Row = Played & {
  readonly set: string
  readonly cache: keyof typeof caches
  readonly seed: number
}

const rows: Row[] = []
for (const [set, intents] of Object.entries(sets)) {
  for (const cache of ['exact', 'semantic'] as const) {
    for (let seed = 1; seed <= Number(options.seeds); seed += 1) {
      const embedder = caches[cache]
      const played = await playTraffic({ intents, seed, requests, embedder, maxWrongShare })
      rows.push({ set, cache, seed, ...played })
    }
  }
}

if (options.json) console.log(JSON.stringify(rows))
else for (const line of table(rows)) console.log(line)

function* table(all: readonly Row[]): Generator<string> {
  yield `${requests} requests a run, ${options.seeds} seeds, at most ${maxWrongShare} wrong`
  yield '| set | cache | given | … by meaning | wrong of these | answers made | … to audit | first at |'
  yield '|---|---|---|---|---|---|---|---|'
  for (const set of Object.keys(sets)) {
    for (const cache of ['exact', 'semantic'] as const) {
      const runs = all.filter((row) => row.set === set && row.cache === cache)
      const sum = (of: (row: Row) => number): number =>
        runs.reduce((total, row) => total + of(row), 0)
      const asked = sum((row) => row.requests)
      const semantic = sum((row) => row.semanticHits)
      const wrong = sum((row) => row.wrongHits)
      const first = runs.map(({ firstHitAt }) => firstHitAt ?? '–').join(', ')
      yield (
        `| ${set} | ${cache} | ${percent(sum((row) => row.exactHits) + semantic, asked)} | ` +
        `${percent(semantic, asked)} | ${wrong} (${percent(wrong, semantic)}) | ` +
        `${percent(
          sum((row) => row.made),
          asked,
        )} | ${percent(
          sum((row) => row.audits),
          asked,
        )} | ${first} |`
      )
    }
  }
  yield 'Second half of each run, when the bands that will open are open:'
  for (const set of Object.keys(sets)) {
    const runs = all.filter((row) => row.set === set && row.cache === 'semantic')
    const sum = (of: (later: Played['later']) => number): number =>
      runs.reduce((total, { later }) => total + of(later), 0)
    const asked = sum((later) => later.requests)
    const semantic = sum((later) => later.semanticHits)
    yield (
      `${set}: exact ${percent(
        sum((later) => later.exactHits),
        asked,
      )}, by meaning ` +
      `${percent(semantic, asked)}, wrong of these ${percent(
        sum((later) => later.wrongHits),
        semantic,
      )}`
    )
  }
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`
}
