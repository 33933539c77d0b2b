import type { SyntheticFamily } from './synthetic-village.ts'

const phrasingsByTopic = {
  parcels: [
    'Please tell me which shelf the parcel {word} {number} from {word} belongs on.',
    'Shelf for this parcel? Sender {word}, mark {word}, weight {number}.',
    'A parcel marked {word} came in from {word} with tag {number}; name its shelf.',
  ],
  menus: [
    'Turn this dish into a menu line with its price: {word} with {word}, costs {number}.',
    'Menu line for the kitchen board: dish {word} on {word}, price {number}.',
  ],
  badges: [
    'Print a visitor badge text for {word} {word} visiting room {number}.',
    'Visitor {word} of the firm {word} goes to room {number}. What stands on the badge?',
    'Badge please: guest {word}, company {word}, room {number}.',
  ],
  songs: [
    'Guess the mood of a song called {word} {word} with {number} beats.',
    'Song title {word} and {word}, {number} beats per minute. Which mood has it?',
  ],
  routes: [
    'How long does the bus need from {word} to {word} at {number} metres distance?',
    'Travel time by bus, {word} stop to {word} stop, {number} metres, in minutes.',
  ],
  sums: ['Add these meter readings: {list}.', 'What do the readings {list} come to in all?'],
  letters: [
    'Write the first letters of {word} {word} {word} backwards.',
    'Initials of these in reverse order: {word}, {word}, {word}.',
  ],
  colours: [
    'Pick a wall colour that suits a {word} room with {word} furniture, {number} square feet.',
    'Our {word} lounge has {word} chairs. Area {number}. Suggest the wall paint.',
  ],
} as const

export type Topic = keyof typeof phrasingsByTopic

/** A family of this topic that the local model gets right with one and the same chance. */
export function familyOf(topic: Topic, share: number, right: number): SyntheticFamily {
  return { name: topic, share, phrasings: phrasingsByTopic[topic], localRight: () => right }
}

/** Short lists are easy for the local model, long ones are not: both are of one kind. */
export function sumsByLength(share: number, easyUpTo: number): SyntheticFamily {
  return {
    name: 'sums',
    share,
    phrasings: phrasingsByTopic.sums,
    localRight: ({ size }) => (size <= easyUpTo ? 0.99 : 0.03),
  }
}
