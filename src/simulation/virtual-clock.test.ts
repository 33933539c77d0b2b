import { expect, test } from 'vitest'
import { createVirtualClock } from './virtual-clock.ts'

test('counts a sleep inside a timeline instead of waiting for it', async () => {
  const clock = createVirtualClock({ startMs: 1000 })

  const endMs = await clock.run(5000, async () => {
    await clock.sleep(3_600_000)
    clock.advance(500)
    return clock.now()
  })

  expect(endMs).toBe(3_605_500)
})

test('keeps the timelines of tasks that run at the same time apart', async () => {
  const clock = createVirtualClock({ startMs: 0 })
  const task = async (sleepMs: number): Promise<number> => {
    await clock.sleep(sleepMs)
    await clock.sleep(1)
    return clock.now()
  }

  const ends = await Promise.all([
    clock.run(100, () => task(10)),
    clock.run(200, () => task(7)),
    clock.run(300, () => task(0)),
  ])

  expect(ends).toEqual([111, 208, 301])
})

test('lets sleeps that begin together overlap', async () => {
  const clock = createVirtualClock({ startMs: 0 })

  const endMs = await clock.run(0, async () => {
    await Promise.all([clock.sleep(40), clock.sleep(25)])
    return clock.now()
  })

  expect(endMs).toBe(40)
})

test('wakes sleepers outside the timelines when the shared time has come', async () => {
  const clock = createVirtualClock({ startMs: 0 })
  const woken: string[] = []
  const early = clock.sleep(50).then(() => woken.push('early'))
  const late = clock.sleep(90).then(() => woken.push('late'))

  clock.run(60, () => undefined)
  await early
  const afterTask = [...woken]
  clock.advance(30)
  await late

  expect(afterTask).toEqual(['early'])
  expect(woken).toEqual(['early', 'late'])
  expect(clock.now()).toBe(90)
})

test('rejects a sleep with the reason of the signal that ends it', async () => {
  const clock = createVirtualClock({ startMs: 0 })
  const gone = new AbortController()
  const sleeping = clock.sleep(1000, gone.signal)

  gone.abort(new Error('client left'))

  await expect(sleeping).rejects.toThrow('client left')
  await expect(clock.run(0, () => clock.sleep(1, gone.signal))).rejects.toThrow('client left')
})
