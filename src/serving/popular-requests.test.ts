import { expect, test } from 'vitest'
import { PopularRequests } from './popular-requests.ts'

const open = (maxEntries = 9) => new PopularRequests<string>({ halfLifeMs: 1000, maxEntries })

function note(requests: PopularRequests<string>, key: string, times: number, nowMs = 0): void {
  for (let time = 0; time < times; time += 1) requests.note(key, `request ${key}`, nowMs)
}

test('gives what is asked often enough, the most frequent first', () => {
  const requests = open()
  note(requests, 'seldom', 1)
  note(requests, 'often', 5)
  note(requests, 'always', 9)

  expect(requests.most(3, 0)).toEqual([
    { key: 'always', request: 'request always' },
    { key: 'often', request: 'request often' },
  ])
})

test('what was asked long ago counts less and less', () => {
  const requests = open()
  note(requests, 'old', 8)
  note(requests, 'new', 3, 2000)

  expect(requests.most(1, 2000).map(({ key }) => key)).toEqual(['new', 'old'])
  expect(requests.most(1.9, 2000)).toHaveLength(2)
  expect(requests.most(2.1, 2000)).toHaveLength(1)
})

test('memory is bounded: a new one takes the place of the least', () => {
  const requests = open(2)
  note(requests, 'often', 3)
  note(requests, 'least', 2)

  note(requests, 'new', 1)

  expect(requests.most(0, 0).map(({ key }) => key)).toEqual(['often', 'new'])
  expect(requests.size).toBe(2)
})
