import type { Intent } from './intent.ts'

const staff = ['Anna', 'Boris', 'Chen', 'Dana', 'Emil', 'Fatma']
const rooms = ['room 12', 'room 21', 'room 104', 'the blue room', 'the hall']
const days = ['Monday', 'Tuesday', 'Thursday', 'Friday']
const dishes = ['rice', 'lentils', 'potatoes', 'eggs', 'beans']
const trips = ['Vienna', 'Prague', 'Madrid', 'Dublin', 'Porto']
const files = ['report.pdf', 'report.docx', 'budget.xlsx', 'notes.txt']

/** Written after the rules and the bands were fixed, and used for nothing but to measure. */
export const officeIntents: readonly Intent[] = [
  {
    name: 'room-book',
    wordings: [
      'Please book {room} for {day}.',
      'I would like to reserve {room} on {day}.',
      'Can I have {room} on {day}?',
      'We need {room} this {day}, can you reserve it?',
    ],
    slots: { room: rooms, day: days },
  },
  {
    name: 'room-free',
    wordings: [
      'Is {room} free on {day}?',
      'Can you check whether {room} is available on {day}?',
      'Does anybody use {room} on {day}?',
      'On {day}, is {room} still free?',
    ],
    slots: { room: rooms, day: days },
  },
  {
    name: 'holiday-left',
    wordings: [
      'How many days of holiday does {person} have left?',
      "What is left of {person}'s holiday this year?",
      'Can you tell me how much holiday {person} still has?',
      'How much leave has {person} got left?',
    ],
    slots: { person: staff },
  },
  {
    name: 'holiday-taken',
    wordings: [
      'How many days of holiday has {person} taken?',
      "How much of {person}'s holiday is used up this year?",
      'Can you tell me how much holiday {person} has taken so far?',
    ],
    slots: { person: staff },
  },
  {
    name: 'cook-time',
    wordings: [
      'How long do I have to boil {dish}?',
      'What is the cooking time for {dish}?',
      'For how long should {dish} be boiled?',
      'I am boiling {dish}, how long does that take?',
    ],
    slots: { dish: dishes },
  },
  {
    name: 'store-time',
    wordings: [
      'How long do {dish} keep in the fridge?',
      'For how long can I store {dish} in the fridge?',
      'I have {dish} in the fridge, how long are they good?',
    ],
    slots: { dish: dishes },
  },
  {
    name: 'freeze',
    wordings: [
      'Can I freeze {dish}?',
      'Is it possible to put {dish} in the freezer?',
      'Are {dish} fit for freezing?',
    ],
    slots: { dish: dishes },
  },
  {
    name: 'train-first',
    wordings: [
      'When does the first train to {city} leave?',
      'At what time is the earliest train to {city}?',
      'What is the departure time of the first train for {city}?',
      'I have to be in {city} early. When is the first train?',
    ],
    slots: { city: trips },
  },
  {
    name: 'train-last',
    wordings: [
      'When does the last train to {city} leave?',
      'At what time is the latest train to {city}?',
      'What is the departure time of the last train for {city}?',
    ],
    slots: { city: trips },
  },
  {
    name: 'train-price',
    wordings: [
      'How much is a train ticket to {city}?',
      'What does it cost to go to {city} by train?',
      'Tell me the price of a train ticket to {city}.',
    ],
    slots: { city: trips },
  },
  {
    name: 'flight-price',
    wordings: [
      'How much is a plane ticket to {city}?',
      'What does it cost to go to {city} by plane?',
      'Tell me the price of a flight to {city}.',
    ],
    slots: { city: trips },
  },
  {
    name: 'file-open',
    wordings: [
      'I cannot open {file}, what can I do?',
      '{file} does not open. How do I fix that?',
      'Why can I not open {file}?',
    ],
    slots: { file: files },
  },
  {
    name: 'file-print',
    wordings: [
      'I cannot print {file}, what can I do?',
      '{file} does not print. How do I fix that?',
      'Why can I not print {file}?',
    ],
    slots: { file: files },
  },
  {
    name: 'file-share',
    wordings: [
      'How do I share {file} with the team?',
      'What is the best way to share {file} with my team?',
      'I want the team to see {file}, how do I share it?',
    ],
    slots: { file: files },
  },
  {
    name: 'badge-lost',
    wordings: [
      'I lost my badge, what now?',
      'My badge is gone. What should I do?',
      'What do I do when I have lost my badge?',
      'Whom do I tell about a lost badge?',
    ],
    slots: {},
  },
  {
    name: 'badge-found',
    wordings: [
      'I found a badge, what now?',
      'Somebody left a badge here. What should I do?',
      'What do I do with a badge that I found?',
    ],
    slots: {},
  },
]
