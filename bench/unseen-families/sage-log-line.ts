import { pick } from '../../src/kernel/random.ts'
import { createTemplatedFamily } from '../../src/simulation/families/templated-family.ts'
import {
  company,
  misspell,
  pickOther,
  wholeNumber,
} from '../../src/simulation/families/word-lists.ts'

const severities = { FATAL: 'page', ERROR: 'ticket', WARN: 'watch', INFO: 'ignore' } as const
const levels = Object.keys(severities) as (keyof typeof severities)[]
const actions = Object.values(severities)
const events =
  'disk full|lease expired|socket closed|cache cold|backup done|retry queued|token renewed|node drained'.split(
    '|',
  )

export const sageLogLine = createTemplatedFamily({
  name: 'log-line',
  agent: 'sage',
  expectation: 'learnable',
  weight: 0.5,
  format: 'text',
  phrasings: [
    'Analyse: {time} {level} [{service}] {event}\nReply "service: action" (page, ticket, watch or ignore).',
    'Study this log entry and reply service: page/ticket/watch/ignore. {level} {service} - {event} ({time})',
    'On call we analyse logs to "service: action". {time} {service} {level} {event}',
    'What to do? Analyse [{level}] {event} in {service} since {time}; reply as service: action.',
  ],
  patterns: {
    time: '\\d{2}:\\d{2}',
    level: levels.join('|'),
    service: '\\w+-\\w+',
    event: '\\w+ \\w+',
  },
  values: (random) => ({
    time: `${wholeNumber(random, 10, 23)}:${wholeNumber(random, 10, 59)}`,
    level: pick(levels, random),
    service: `${company(random).toLowerCase()}-${pick(['api', 'db', 'web', 'auth', 'mail', 'sync'], random)}`,
    event: pick(events, random),
  }),
  answer: ({ service, level }) => `${service}: ${severities[level as keyof typeof severities]}`,
  spoil: (answer, random) => {
    const [service = '', action = ''] = answer.split(': ')
    return random() < 0.5
      ? `${service}: ${pickOther<string>(actions, action, random)}`
      : `${misspell(service, random)}: ${action}`
  },
})
