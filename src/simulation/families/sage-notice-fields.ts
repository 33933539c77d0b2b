import { pick } from '../../kernel/random.ts'
import { createTemplate, readAny } from './template.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { city, company, fullName, misspell } from './word-lists.ts'

const roles =
  'buyer planner auditor chemist tester editor driver clerk trainer surveyor designer analyst welder florist curator pilot notary broker tutor geologist'.split(
    ' ',
  )

const patterns = { name: '\\w+ \\w+', company: '\\w+', role: '\\w+', city: '\\w+' }
const notices = [
  '{name} joined {company} as {role} in {city}.',
  'In {city}, {company} made {name} its {role}.',
  'The new {role} at {company} in {city} is {name}.',
  '{company} has hired {name} as {role} for {city}.',
].map((text) => createTemplate(text, patterns))

export const sageNoticeFields = createTemplatedFamily({
  name: 'notice-fields',
  agent: 'sage',
  expectation: 'learnable',
  weight: 0.35,
  format: 'json',
  phrasings: [
    'Extract name, role, company and city as JSON: {notice}',
    'Extract the person from this press notice (JSON: name, role, company, city). {notice}',
    'From the news item, extract name, role, company, city into JSON.\n{notice}',
    'Please extract who, role, company and city as a JSON object with name first: {notice}',
  ],
  innerTemplates: notices.map((notice) => notice.text),
  values: (random) => ({
    notice: pick(notices, random).fill({
      name: fullName(random),
      company: company(random),
      role: pick(roles, random),
      city: city(random),
    }),
  }),
  answer: ({ notice = '' }) => {
    const slots = readAny(notices, notice)?.slots
    if (slots === undefined) return null
    return JSON.stringify({
      name: slots['name'],
      role: slots['role'],
      company: slots['company'],
      city: slots['city'],
    })
  },
  spoil: (answer, random) => {
    const right = JSON.parse(answer) as Record<string, string>
    return JSON.stringify(
      random() < 0.5
        ? { ...right, company: right['city'], city: right['company'] }
        : { ...right, name: misspell(right['name'] ?? '', random) },
    )
  },
})
