import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { VillageStore } from '../kernel/stores.ts'
import { commitInteractions, testKeysAndSpend } from './keys-contract.ts'
import { anInteraction, aPromotion, aTrainingRun, oneOfEachEntry } from './sample-records.ts'

/** What every `VillageStore` must do; `open` gives an empty one each time it is called. */
export function describeVillageStore(
  name: string,
  open: () => Promise<{ readonly store: VillageStore; readonly remove: () => Promise<void> }>,
): void {
  describe(name, () => {
    let store: VillageStore
    let remove: () => Promise<void>

    beforeEach(async () => {
      const opened = await open()
      store = opened.store
      remove = opened.remove
    })

    afterEach(async () => {
      await store.close()
      await remove()
    })

    test('gives back every type of record as it was committed', async () => {
      const entries = oneOfEachEntry()

      await store.ledger.commit(entries)

      for (const entry of entries) {
        expect(await store.ledger.list(entry.type)).toEqual([entry.record])
        expect(await store.ledger.count(entry.type)).toBe(1)
      }
    })

    test('reads what was recorded a moment ago, in its place among what was committed', async () => {
      await store.ledger.record([{ type: 'interaction', record: anInteraction({ id: 'int_a' }) }])
      const first = await store.ledger.get('interaction', 'int_a')
      await store.ledger.commit([{ type: 'interaction', record: anInteraction({ id: 'int_b' }) }])
      await store.ledger.record([{ type: 'interaction', record: anInteraction({ id: 'int_c' }) }])

      const listed = await store.ledger.list('interaction')

      expect(first?.id).toBe('int_a')
      expect(listed.map(({ id }) => id)).toEqual(['int_a', 'int_b', 'int_c'])
      expect(await store.ledger.count('interaction')).toBe(3)
    })

    test('finds a record by its key and says null for an unknown one', async () => {
      const entries = oneOfEachEntry()
      await store.ledger.commit(entries)

      const interaction = await store.ledger.get('interaction', 'int_1')
      const checkpoint = await store.ledger.get('checkpoint', 'hash_1')
      const unknown = await store.ledger.get('interaction', 'int_unknown')

      expect(interaction?.id).toBe('int_1')
      expect(checkpoint?.hash).toBe('hash_1')
      expect(unknown).toBeNull()
    })

    test('keeps nothing of a commit of which one entry is refused', async () => {
      await store.ledger.commit([{ type: 'interaction', record: anInteraction({ id: 'int_a' }) }])

      const refused = store.ledger.commit([
        { type: 'interaction', record: anInteraction({ id: 'int_b' }) },
        { type: 'interaction', record: anInteraction({ id: 'int_a' }) },
      ])

      await expect(refused).rejects.toMatchObject({ name: 'StoreError', retryable: false })
      expect(await store.ledger.get('interaction', 'int_b')).toBeNull()
      expect(await store.ledger.count('interaction')).toBe(1)
    })

    test('a refused commit takes no other one of the same moment with it', async () => {
      const commits = ['int_a', 'int_b', 'int_a', 'int_c'].map((id) =>
        store.ledger.commit([{ type: 'interaction', record: anInteraction({ id }) }]),
      )

      const outcomes = await Promise.allSettled(commits)

      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
      ])
      expect(idsOf(await store.ledger.list('interaction'))).toEqual(['int_a', 'int_b', 'int_c'])
    })

    test('lists by agent, task and time, in order of insertion or from the end', async () => {
      await commitInteractions(store, [
        { id: 'int_1', agent: 'king', taskId: 'task_1', startedAtMs: 40 },
        { id: 'int_2', agent: 'sage', taskId: 'task_1', startedAtMs: 30 },
        { id: 'int_3', agent: 'king', taskId: 'task_2', startedAtMs: 20 },
        { id: 'int_4', agent: null, taskId: 'task_3', startedAtMs: 10 },
      ])
      const list = async (query: Parameters<typeof store.ledger.list>[1]) =>
        idsOf(await store.ledger.list('interaction', query))

      expect(await list({})).toEqual(['int_1', 'int_2', 'int_3', 'int_4'])
      expect(await list({ agent: 'king' })).toEqual(['int_1', 'int_3'])
      expect(await list({ taskId: 'task_1' })).toEqual(['int_1', 'int_2'])
      expect(await list({ sinceMs: 20 })).toEqual(['int_1', 'int_2', 'int_3'])
      expect(await list({ agent: 'king', sinceMs: 21 })).toEqual(['int_1'])
      expect(await list({ newestFirst: true, limit: 2 })).toEqual(['int_4', 'int_3'])
      expect(await list({ agent: 'king', newestFirst: true, limit: 1 })).toEqual(['int_3'])
      expect(await list({ sinceMs: 20, newestFirst: true, limit: 2 })).toEqual(['int_3', 'int_2'])
      expect(await list({ limit: 0 })).toEqual([])
    })

    test('counts what a list of the same query would give', async () => {
      await commitInteractions(store, [
        { id: 'int_1', agent: 'king', taskId: 'task_1', startedAtMs: 10 },
        { id: 'int_2', agent: 'king', taskId: 'task_2', startedAtMs: 20 },
        { id: 'int_3', agent: null, taskId: 'task_2', startedAtMs: 30 },
      ])

      expect(await store.ledger.count('interaction')).toBe(3)
      expect(await store.ledger.count('interaction', { agent: 'king' })).toBe(2)
      expect(await store.ledger.count('interaction', { agent: 'magi' })).toBe(0)
      expect(await store.ledger.count('interaction', { taskId: 'task_2' })).toBe(2)
      expect(await store.ledger.count('interaction', { agent: 'king', sinceMs: 15 })).toBe(1)
      expect(await store.ledger.count('decision')).toBe(0)
    })

    test('scans and lists more records than one page, in order', async () => {
      const ids = Array.from({ length: 1_203 }, (_, index) => `int_${index}`)
      await commitInteractions(
        store,
        ids.map((id) => ({ id })),
      )

      const scanned: string[] = []
      for await (const { id } of store.ledger.scan('interaction')) scanned.push(id)

      expect(scanned).toEqual(ids)
      expect(idsOf(await store.ledger.list('interaction'))).toEqual(ids)
      expect(
        idsOf(await store.ledger.list('interaction', { newestFirst: true, limit: 700 })),
      ).toEqual(ids.toReversed().slice(0, 700))
    })

    test('keeps amounts of money to the last nano-dollar', async () => {
      const costs = [1, 999_999_999, 123_456_789_012_345]
      await commitInteractions(
        store,
        costs.map((cost, index) => ({ id: `int_${index}`, costNanoUsd: cost })),
      )

      const records = await store.ledger.list('interaction')

      expect(records.map(({ usage }) => usage.cost)).toEqual(costs)
    })

    test('keeps text of every script, quotes and line ends byte for byte', async () => {
      const answer = `'; drop table interactions; -- "\r\n\u0000 漢字 🏘️ \ud83d`
      await commitInteractions(store, [{ id: 'int_1', answer }])

      expect((await store.ledger.get('interaction', 'int_1'))?.answer).toBe(answer)
      expect(await store.ledger.get('interaction', "' or 1=1 --")).toBeNull()
    })

    test('takes the same checkpoint twice, because its key is its content', async () => {
      const entry = oneOfEachEntry().find(({ type }) => type === 'checkpoint')
      if (entry === undefined) throw new Error('no sample checkpoint')

      await store.ledger.commit([entry])
      await store.ledger.commit([entry])

      expect(await store.ledger.count('checkpoint')).toBe(1)
    })

    test('the newest promotion is the last one committed, whatever its clock said', async () => {
      await store.ledger.commit([
        { type: 'promotion', record: aPromotion({ id: 'promo_1', atMs: 200 }) },
        { type: 'promotion', record: aPromotion({ id: 'promo_2', atMs: 100 }) },
      ])

      const newest = await store.ledger.list('promotion', { newestFirst: true, limit: 1 })

      expect(idsOf(newest)).toEqual(['promo_2'])
    })

    test('a saved training run replaces the one of the same id', async () => {
      await store.runs.save(aTrainingRun({ id: 'run_1', step: 1 }))
      await store.runs.save(aTrainingRun({ id: 'run_1', step: 2 }))

      expect((await store.runs.get('run_1'))?.step).toBe(2)
      expect(await store.runs.list()).toHaveLength(1)
      expect(await store.runs.get('run_unknown')).toBeNull()
    })

    test('lists training runs newest first, by agent and limit', async () => {
      await store.runs.save(aTrainingRun({ id: 'run_1', agent: 'king', startedAtMs: 1 }))
      await store.runs.save(aTrainingRun({ id: 'run_2', agent: 'sage', startedAtMs: 2 }))
      await store.runs.save(aTrainingRun({ id: 'run_3', agent: 'king', startedAtMs: 3 }))

      expect(idsOf(await store.runs.list())).toEqual(['run_3', 'run_2', 'run_1'])
      expect(idsOf(await store.runs.list({ agent: 'king' }))).toEqual(['run_3', 'run_1'])
      expect(idsOf(await store.runs.list({ limit: 1 }))).toEqual(['run_3'])
    })

    test('a saved state is loaded as it was; the last one wins', async () => {
      await store.states.save('evaluator:king', { weights: [0.25, -1e-9], tasks: 3 })
      await store.states.save('evaluator:king', { weights: [0.5], tasks: 4 })

      expect(await store.states.load('evaluator:king')).toEqual({ weights: [0.5], tasks: 4 })
      expect(await store.states.load('evaluator:sage')).toBeNull()
    })

    testKeysAndSpend(() => store)

    test('close waits for what is being committed, and later calls are refused', async () => {
      const committed = store.ledger.commit([{ type: 'interaction', record: anInteraction({}) }])

      await store.close()

      await expect(committed).resolves.toBeUndefined()
      await expect(store.ledger.count('interaction')).rejects.toMatchObject({ name: 'StoreError' })
      await expect(store.states.save('key', 1)).rejects.toMatchObject({ name: 'StoreError' })
    })
  })
}

function idsOf(records: readonly { readonly id: string }[]): string[] {
  return records.map(({ id }) => id)
}
