import { expect, test } from 'vitest'
import { OrderedEffects } from './ordered-effects.ts'

test('effects are applied in the order of their places, not in the order they became known', async () => {
  const applied: string[] = []
  const effects = new OrderedEffects(() => undefined)
  const first = effects.reserve()
  const second = effects.reserve()

  second.settle(() => void applied.push('second'))
  await Promise.resolve()
  first.settle(() => void applied.push('first'))
  await effects.idle()

  expect(applied).toEqual(['first', 'second'])
})

test('an effect that fails is reported and does not hold up the next', async () => {
  const applied: string[] = []
  const errors: unknown[] = []
  const effects = new OrderedEffects((error) => errors.push(error))
  const failing = effects.reserve()
  const next = effects.reserve()

  failing.settle(() => {
    throw new Error('disk full')
  })
  next.settle(() => void applied.push('next'))
  await effects.idle()

  expect(applied).toEqual(['next'])
  expect(errors).toHaveLength(1)
})

test('idle also waits for places reserved while it waits', async () => {
  const applied: string[] = []
  const effects = new OrderedEffects(() => undefined)
  effects.reserve().settle(() => {
    applied.push('outer')
    effects.reserve().settle(() => void applied.push('inner'))
  })

  await effects.idle()

  expect(applied).toEqual(['outer', 'inner'])
})
