import { pick } from '../../kernel/random.ts'
import { createTemplate, readAny } from './template.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { city, fullName, misspell, wholeNumber } from './word-lists.ts'

const places =
  'bakery museum library clinic garage theatre brewery nursery gallery hostel pharmacy vineyard cinema sawmill dairy foundry bookshop academy laundry shipyard'.split(
    ' ',
  )

const passagePatterns = { place: '\\w+', city: '\\w+', person: '\\w+ \\w+', year: '\\d{4}' }
const passages = [
  'The {place} in {city} is run by {person}. It opened in {year}.',
  'In {year} a {place} opened in {city}. Its owner is {person}.',
  '{person} owns the {place} in {city}. It dates from {year}.',
  'Since {year} {city} has had a {place}. It belongs to {person}.',
].map((text) => createTemplate(text, passagePatterns))

const questions = [
  { asks: 'person', template: createTemplate('Who owns the {place}?', { place: '\\w+' }) },
  { asks: 'city', template: createTemplate('Where is the {place}?', { place: '\\w+' }) },
  { asks: 'year', template: createTemplate('When did the {place} open?', { place: '\\w+' }) },
] as const

export const sagePassageQuestion = createTemplatedFamily({
  name: 'passage-question',
  agent: 'sage',
  expectation: 'learnable',
  weight: 0.35,
  format: 'text',
  phrasings: [
    'Passage: {passage} Question: {question}',
    'Answer from the passage, no other words.\n{passage}\n{question}',
    'Look it up in this passage: {passage} {question}',
    'Our guide book has this passage: {passage} A reader asks: {question}',
    'Quote the answer out of the passage. {passage} {question}',
  ],
  innerTemplates: [...passages, ...questions.map((question) => question.template)].map(
    (template) => template.text,
  ),
  patterns: { passage: '[^.]+\\. [^.]+\\.', question: '(?:Who|Where|When) [^?]+\\?' },
  values: (random) => {
    const slots = {
      place: pick(places, random),
      city: city(random),
      person: fullName(random),
      year: String(wholeNumber(random, 1870, 2024)),
    }
    return {
      passage: pick(passages, random).fill(slots),
      question: pick(questions, random).template.fill(slots),
    }
  },
  answer: ({ passage = '', question = '' }) => {
    const facts = readAny(passages, passage)?.slots
    const asked = questions.find(({ template }) => template.read(question) !== null)
    return facts === undefined || asked === undefined ? null : (facts[asked.asks] ?? null)
  },
  spoil: (answer, random) =>
    /^\d+$/.test(answer)
      ? String(Number(answer) + wholeNumber(random, 1, 9))
      : misspell(answer, random),
})
