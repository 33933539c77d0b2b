import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { tinyStudent } from '../src/app/local-student.ts'
import { systemClock } from '../src/kernel/clock.ts'
import type { ModelAdapter } from '../src/kernel/model-adapter.ts'
import { seededRandom } from '../src/kernel/random.ts'
import { startLlamaCpp } from '../src/models/llama-cpp/llama-cpp.ts'
import { demoFamilies } from '../src/simulation/families/demo-families.ts'

/**
 * `npm run bench:local -- [--json] [--requests N] [--base FILE.gguf]`: tokens a second of the local
 * model at 1, 4 and 16 requests at once, one sequence per batch and with shared batches, and whether
 * answers at temperature 0 stay what they are alone. The batch sizes are those that really ran.
 */
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    requests: { type: 'string', default: '96' },
    base: { type: 'string' },
  },
})
const concurrencies = [1, 4, 16]
const maxTokens = 96
const signal = new AbortController().signal
const random = seededRandom(17)
const conversations = Array.from({ length: Number(options.requests) }, (_, index) => {
  const family = demoFamilies[index % demoFamilies.length]
  if (family === undefined) throw new Error('There are no demo families')
  return family.make(random).messages
})

type Row = {
  readonly batching: string
  readonly concurrency: number
  readonly answerTokensPerSecond: number
  readonly promptTokensPerSecond: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  /** Of the inference process; null where the system does not say. Other work does not count in it. */
  readonly cpuMsPerRequest: number | null
  readonly sequencesPerBatch: number
  readonly differentTexts: number
}

const rows: Row[] = []
let alone: readonly string[] | undefined
for (const batching of ['deterministic', 'throughput'] as const) {
  const local = await startLlamaCpp({
    basePath: options.base ?? tinyStudent.ggufPath,
    studentFolder: options.base === undefined ? tinyStudent.folder : null,
    agents: ['king'],
    clock: systemClock,
    random: seededRandom(1),
    batching,
    sequencesPerAgent: Math.max(...concurrencies),
    niceness: 0,
  })
  try {
    await answerAll(local.forAgent('king'), 4)
    for (const concurrency of concurrencies) {
      const before = await local.batches('king')
      const cpuBefore = cpuMsOf(local.processId())
      const run = await answerAll(local.forAgent('king'), concurrency)
      const cpuAfter = cpuMsOf(local.processId())
      const after = await local.batches('king')
      alone ??= run.texts
      rows.push({
        batching,
        concurrency,
        ...run.figures,
        cpuMsPerRequest:
          cpuBefore === null || cpuAfter === null
            ? null
            : (cpuAfter - cpuBefore) / conversations.length,
        sequencesPerBatch:
          (after.sequences - before.sequences) / Math.max(1, after.batches - before.batches),
        differentTexts: run.texts.filter((text, index) => text !== alone?.[index]).length,
      })
    }
  } finally {
    await local.close()
  }
}

if (options.json) {
  process.stdout.write(
    `${JSON.stringify({ node: process.version, cores: availableParallelism(), requests: conversations.length, rows })}\n`,
  )
} else {
  const lines = rows.map(
    (row) =>
      `| ${row.batching} | ${row.concurrency} | ${row.answerTokensPerSecond.toFixed(0)} | ${row.promptTokensPerSecond.toFixed(0)} | ${row.requestsPerSecond.toFixed(1)} | ${row.p50Ms.toFixed(0)} | ${row.cpuMsPerRequest?.toFixed(0) ?? '–'} | ${row.sequencesPerBatch.toFixed(1)} | ${row.differentTexts} of ${conversations.length} |`,
  )
  process.stdout.write(
    [
      '| batching | at once | answer tokens/s | prompt tokens/s | requests/s | p50 ms | CPU ms a request | sequences per batch | texts that differ |',
      '|---|---|---|---|---|---|---|---|---|',
      ...lines,
      '',
    ].join('\n'),
  )
}

/** User and system time so far, from Linux' `/proc`; its ticks are 10 ms. */
function cpuMsOf(processId: number | undefined): number | null {
  try {
    const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return null
  }
}

/** Every conversation once, so many at a time. */
async function answerAll(adapter: ModelAdapter, concurrency: number) {
  const texts: string[] = []
  const latencies: number[] = []
  let answerTokens = 0
  let promptTokens = 0
  const waiting = conversations.entries()
  const work = async (): Promise<void> => {
    for (const [index, messages] of waiting) {
      const startedAt = performance.now()
      const answer = await adapter.answer(
        { messages, sampling: { temperature: 0, maxTokens } },
        { signal },
      )
      latencies.push(performance.now() - startedAt)
      texts[index] = answer.text
      answerTokens += answer.usage.completionTokens
      promptTokens += answer.usage.promptTokens
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: concurrency }, work))
  const seconds = (performance.now() - startedAt) / 1000
  const sorted = latencies.toSorted((left, right) => left - right)
  return {
    texts,
    figures: {
      answerTokensPerSecond: answerTokens / seconds,
      promptTokensPerSecond: promptTokens / seconds,
      requestsPerSecond: conversations.length / seconds,
      p50Ms: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    },
  }
}
