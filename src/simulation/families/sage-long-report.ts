import { pick } from '../../kernel/random.ts'
import type { Random } from '../../kernel/random.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { city, distinct, firstName, pickOther, surname } from './word-lists.ts'

const teams = 'harbour forest river meadow summit canyon island desert glacier valley'.split(' ')
const fillers = [
  'The yearly audit closed without remarks.',
  'Travel costs fell a little in spring.',
  'Two meeting rooms were painted again.',
  'The canteen now opens an hour earlier.',
]

/** Three hops over 500 to 900 bytes: person → team → lead → city. */
export const sageLongReport = createTemplatedFamily({
  name: 'long-report',
  agent: 'sage',
  expectation: 'unlearnable',
  weight: 0.15,
  format: 'text',
  phrasings: [
    'Study this report. In which city does the lead of the team of {asked} work? One word.\n{report}',
    'Research question: from which city does the lead of the team of {asked} work? {report}',
    'Analyse the staff report and name the city where the lead of the team of {asked} works.\n{report}',
    'Read our report, then answer with the city of the lead of the team of {asked}: {report}',
  ],
  innerTemplates: [
    '{person} belongs to the {team} team.',
    'The {team} team is led by {lead}.',
    '{lead} works from {city}.',
    ...fillers,
  ],
  patterns: { asked: '\\w+', report: '[^\\n]+\\.' },
  values: (random) => {
    const names = distinct(12, personName, random)
    const towns = distinct(5, city, random)
    const chosenTeams = distinct(5, (source) => pick(teams, source), random)
    const members = names.slice(5)
    const sentences = [
      ...chosenTeams.map((team, index) => `The ${team} team is led by ${names[index]}.`),
      ...towns.map((town, index) => `${names[index]} works from ${town}.`),
      ...members.map((member) => `${member} belongs to the ${pick(chosenTeams, random)} team.`),
      ...distinct(2, (source) => pick(fillers, source), random),
    ]
    return { asked: pick(members, random), report: shuffled(sentences, random).join(' ') }
  },
  answer: ({ asked, report = '' }) => {
    const team = new RegExp(`\\b${asked} belongs to the (\\w+) team\\.`).exec(report)?.[1]
    const lead = new RegExp(`The ${team} team is led by (\\w+)\\.`).exec(report)?.[1]
    return new RegExp(`\\b${lead} works from (\\w+)\\.`).exec(report)?.[1] ?? null
  },
  spoil: (answer, random) => pickOther(distinct(2, city, random), answer, random),
})

function personName(random: Random): string {
  return random() < 0.5 ? firstName(random) : surname(random)
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
