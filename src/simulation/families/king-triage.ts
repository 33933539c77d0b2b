import { pick } from '../../kernel/random.ts'
import type { Random } from '../../kernel/random.ts'
import { createTemplate, readAny } from './template.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { firstName, pickOther, product, reference, surname, wholeNumber } from './word-lists.ts'

const complaintsByQueue = {
  billing: [
    'I was charged twice for the {product}.',
    'Invoice {reference} shows a wrong amount.',
    'I want a refund for the {product}.',
    'My payment for invoice {reference} was declined.',
  ],
  technical: [
    'The {product} crashes after ten minutes.',
    'My {product} shows an error at start.',
    'The {product} does not turn on.',
    'The {product} keeps freezing.',
  ],
  shipping: [
    'My parcel {reference} has not arrived.',
    'The delivery of the {product} is late.',
    'Where is my package {reference}?',
    'The courier lost parcel {reference}.',
  ],
  account: [
    'I cannot log in as {user}.',
    'Please reset the password of {user}.',
    'The login {user} is locked.',
    'Please close the profile {user}.',
  ],
} as const

const closingsByPriority = {
  high: ['This is urgent!', 'We need it today!', 'Please hurry!'],
  normal: ['Thank you.', 'Kind regards.', 'Greetings, {first}.'],
  low: ['No rush.', 'It can wait.', 'Whenever you have time.'],
} as const

type Queue = keyof typeof complaintsByQueue
type Priority = keyof typeof closingsByPriority

const queues = Object.keys(complaintsByQueue) as Queue[]
const priorities = Object.keys(closingsByPriority) as Priority[]
const complaints = queues.flatMap((queue) =>
  complaintsByQueue[queue].map((text) => ({ queue, template: createTemplate(text) })),
)
const closings = priorities.flatMap((priority) =>
  closingsByPriority[priority].map((text) => ({ priority, template: createTemplate(text) })),
)
const complaintTemplates = complaints.map((entry) => entry.template)
const closingTemplates = closings.map((entry) => entry.template)

export const kingTriage = createTemplatedFamily({
  name: 'triage',
  agent: 'king',
  expectation: 'learnable',
  weight: 0.35,
  format: 'json',
  phrasings: [
    'Sort this support message, give queue and priority as JSON: {complaint} {closing}',
    'Which queue and which priority? Reply as JSON. Message: {complaint} {closing}',
    'Triage this ticket to a queue and a priority (JSON).\n{complaint} {closing}',
    'A customer wrote: {complaint} {closing}\nGive us queue and priority in JSON.',
    'Ticket from the help desk: {complaint} {closing} Set queue and priority, JSON only.',
  ],
  innerTemplates: [...complaints, ...closings].map((entry) => entry.template.text),
  patterns: {
    complaint: '[^.?]+[.?]',
    closing: closings
      .map((entry) => entry.template.text.replace('{first}', '\\w+').replace('.', '\\.'))
      .join('|'),
  },
  values: (random) => {
    const slots = {
      product: product(random),
      reference: reference(random),
      user: userName(random),
      first: firstName(random),
    }
    const queue = pick(queues, random)
    const priority = pick(priorities, random)
    return {
      complaint: pick(
        complaints.filter((entry) => entry.queue === queue),
        random,
      ).template.fill(slots),
      closing: pick(
        closings.filter((entry) => entry.priority === priority),
        random,
      ).template.fill(slots),
    }
  },
  answer: (slots) => {
    const complaint = readAny(complaintTemplates, slots['complaint'] ?? '')
    const closing = readAny(closingTemplates, slots['closing'] ?? '')
    if (complaint === null || closing === null) return null
    return JSON.stringify({
      queue: complaints[complaint.index]?.queue,
      priority: closings[closing.index]?.priority,
    })
  },
  spoil: (answer, random) => {
    const right = JSON.parse(answer) as { queue: Queue; priority: Priority }
    return JSON.stringify(
      random() < 0.5
        ? { ...right, queue: pickOther(queues, right.queue, random) }
        : { ...right, priority: pickOther(priorities, right.priority, random) },
    )
  },
})

function userName(random: Random): string {
  return `${surname(random).toLowerCase()}${wholeNumber(random, 10, 99)}`
}
