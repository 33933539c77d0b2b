import { pick } from '../../src/kernel/random.ts'
import { createTemplate, readAny } from '../../src/simulation/families/template.ts'
import { createTemplatedFamily } from '../../src/simulation/families/templated-family.ts'
import { company, pickOther, product } from '../../src/simulation/families/word-lists.ts'

const opinions = {
  positive: ['love it', 'works like a dream', 'would buy again', 'exceeded my hopes'],
  negative: ['broke in a week', 'sent it back', 'what a waste', 'smells awful'],
  mixed: ['good but pricey', 'fine for now', 'so-so', 'neither great nor bad'],
} as const

type Verdict = keyof typeof opinions
const verdicts = Object.keys(opinions) as Verdict[]
const allOpinions = verdicts.flatMap((verdict) =>
  opinions[verdict].map((text) => ({ verdict, text })),
)

const patterns = { item: '\\w+ \\w+', maker: '\\w+' }
const reviews = [
  'Got the {item} by {maker}, {opinion}.',
  '{maker} {item}: {opinion}!',
  'My {item} from {maker}? {opinion}.',
].map((text) => createTemplate(text, patterns))

export const sageReviewVerdict = createTemplatedFamily({
  name: 'review-verdict',
  agent: 'sage',
  expectation: 'learnable',
  weight: 0.5,
  format: 'text',
  phrasings: [
    'Market research: item = verdict (positive, negative, mixed) for "{review}"',
    'Shop research. Reduce to item = positive/negative/mixed: {review}',
    'Analyse the shopper opinion below to item = verdict.\n{review}',
    'Opinion study, note item = verdict only, buyer says: {review}',
  ],
  innerTemplates: [...reviews.map((review) => review.text), ...allOpinions.map(({ text }) => text)],
  values: (random) => ({
    review: pick(reviews, random).fill({
      item: product(random),
      maker: company(random),
      opinion: pick(allOpinions, random).text,
    }),
  }),
  answer: ({ review = '' }) => {
    const slots = readAny(reviews, review)?.slots
    const opinion = allOpinions.find(({ text }) => text === slots?.['opinion'])
    if (slots === undefined || opinion === undefined) return null
    return `${slots['item']} = ${opinion.verdict}`
  },
  spoil: (answer, random) => {
    const [item = '', verdict = ''] = answer.split(' = ')
    return `${item} = ${pickOther<string>(verdicts, verdict, random)}`
  },
})
