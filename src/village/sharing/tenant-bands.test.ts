import { beforeEach, expect, test } from 'vitest'
import type { JsonValue } from '../../kernel/json.ts'
import { TenantBands } from './tenant-bands.ts'
import type { BandChange } from './tenant-bands.ts'

let saved: Map<string, JsonValue>
let changes: BandChange[]
let errors: unknown[]

beforeEach(() => {
  saved = new Map()
  changes = []
  errors = []
})

function open(save = async (key: string, value: JsonValue) => void saved.set(key, value)) {
  return new TenantBands({
    states: { load: async (key) => saved.get(key) ?? null, save },
    terms: { maxWrongShare: 0.2, delta: 0.4, measure: 'm' },
    onChange: (change) => changes.push(change),
    onError: (error) => void errors.push(error),
  })
}

async function compare(bands: TenantBands, tenant: string, times: number, wrong = false) {
  await bands.load(tenant)
  for (let time = 0; time < times; time += 1) {
    const decision = bands.decide(tenant, 0.99)
    if (decision !== null) bands.record(tenant, decision, wrong)
  }
  await bands.saved()
}

const isOpen = (bands: TenantBands, tenant: string) => bands.decide(tenant, 0.99)?.isOpen

test('what one tenant has shown opens nothing for another', async () => {
  const bands = open()
  await bands.load('second')

  await compare(bands, 'first', 60)

  expect([isOpen(bands, 'first'), isOpen(bands, 'second')]).toEqual([true, false])
})

test('tells when a band opens and when it shuts, and nothing in between', async () => {
  const bands = open()
  await compare(bands, 'first', 60)

  await compare(bands, 'first', 20, true)

  expect(changes).toMatchObject([
    { tenant: 'first', from: 0.98, open: true, wrong: 0 },
    { tenant: 'first', from: 0.98, open: false },
  ])
})

test('another process takes up what was saved', async () => {
  await compare(open(), 'first', 60)

  const restarted = open()
  await restarted.load('first')

  expect(isOpen(restarted, 'first')).toBe(true)
})

test('a save that fails costs nothing but the save', async () => {
  const bands = open(() => Promise.reject(new Error('the disk is full')))

  await compare(bands, 'first', 60)

  expect(isOpen(bands, 'first')).toBe(true)
  expect(errors.length).toBeGreaterThan(0)
})

test('a tenant that was never loaded has no bands', () => {
  expect(open().decide('first', 0.99)).toBeNull()
})
