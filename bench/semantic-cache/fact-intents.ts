import type { Intent } from './intent.ts'

const countries = ['France', 'Spain', 'Japan', 'Kenya', 'Peru', 'Norway', 'India', 'Chile']
const cities = ['Paris', 'London', 'Berlin', 'Tokyo', 'Cairo', 'Lima', 'Oslo', 'Delhi']
const small = ['2', '3', '4', '5', '7', '12', '15', '30']
const amounts = ['20', '50', '80', '120', '250', '400', '900', '1500']
const orders = ['AB-1204', 'AB-1240', 'KT-7731', 'KT-7713', 'ZX-5005', 'ZX-5050']

export const factIntents: readonly Intent[] = [
  {
    name: 'capital',
    wordings: [
      'What is the capital of {country}?',
      "Tell me {country}'s capital city.",
      'Which city is the capital of {country}?',
      'I need to know the capital city of {country}.',
      'Could you name the capital of {country}, please?',
      '{country}: what is its capital?',
    ],
    slots: { country: countries },
  },
  {
    name: 'largest-city',
    wordings: [
      'What is the largest city of {country}?',
      "Tell me {country}'s largest city.",
      'Which city is the largest one in {country}?',
      'I need to know the largest city in {country}.',
      'Could you name the largest city of {country}, please?',
      '{country}: what is its largest city?',
    ],
    slots: { country: countries },
  },
  {
    name: 'smallest-city',
    wordings: [
      'What is the smallest city of {country}?',
      "Tell me {country}'s smallest city.",
      'Which city is the smallest one in {country}?',
      'Could you name the smallest city of {country}, please?',
    ],
    slots: { country: countries },
  },
  {
    name: 'currency',
    wordings: [
      'Which currency is used in {country}?',
      'What money do people pay with in {country}?',
      'In {country}, what is the currency?',
      'Tell me what currency {country} uses.',
      'What do they pay with in {country}, which currency is it?',
    ],
    slots: { country: countries },
  },
  {
    name: 'distance-km',
    wordings: [
      'How many kilometres is it from {city} to the equator?',
      'Tell me the distance in kilometres between {city} and the equator.',
      'From {city}, how far away is the equator in kilometres?',
      'What is the distance from the equator to {city} in kilometres?',
    ],
    slots: { city: cities },
  },
  {
    name: 'distance-miles',
    wordings: [
      'How many miles is it from {city} to the equator?',
      'Tell me the distance in miles between {city} and the equator.',
      'From {city}, how far away is the equator in miles?',
      'What is the distance from the equator to {city} in miles?',
    ],
    slots: { city: cities },
  },
  {
    name: 'weeks-to-days',
    wordings: [
      'How many days are there in {number} weeks?',
      'Convert {number} weeks to days.',
      '{number} weeks, how many days is that?',
      'What is {number} weeks in days?',
      'Please tell me the number of days in {number} weeks.',
    ],
    slots: { number: small },
  },
  {
    name: 'weeks-to-hours',
    wordings: [
      'How many hours are there in {number} weeks?',
      'Convert {number} weeks to hours.',
      '{number} weeks, how many hours is that?',
      'What is {number} weeks in hours?',
    ],
    slots: { number: small },
  },
  {
    name: 'percent',
    wordings: [
      'What is 15 percent of {amount}?',
      'Calculate 15% of {amount}.',
      'How much is 15 % of {amount}?',
      'Work out 15 percent of {amount} for me.',
      'I want to know what 15% of {amount} comes to.',
    ],
    slots: { amount: amounts },
  },
  {
    name: 'order-where',
    wordings: [
      'Where is my order {order}?',
      'What is the status of order {order}?',
      'Can you track order {order} for me?',
      'I am waiting for order {order}, where is it now?',
      'Please tell me where order {order} is at the moment.',
    ],
    slots: { order: orders },
  },
  {
    name: 'order-cancel',
    wordings: [
      'How do I cancel my order {order}?',
      'I want to cancel order {order}, what do I do?',
      'Can you cancel order {order} for me?',
      'Please cancel order {order}.',
    ],
    slots: { order: orders },
  },
  {
    name: 'order-keep',
    wordings: [
      'Please do not cancel order {order}.',
      'Order {order} should not be cancelled.',
      "I don't want order {order} to be cancelled.",
      'Do not cancel my order {order}, please.',
    ],
    slots: { order: orders },
  },
]
