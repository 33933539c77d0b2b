/**
 * A question in several wordings, with places for values. Two questions have the same answer when
 * intent and values are the same, and only then. Intents that stand beside each other are meant to be
 * mistaken for one another: they differ in a negation, an opposite or one word.
 */
export type Intent = {
  readonly name: string
  readonly wordings: readonly string[]
  readonly slots: Readonly<Record<string, readonly string[]>>
}

const countries = ['France', 'Spain', 'Japan', 'Kenya', 'Peru', 'Norway', 'India', 'Chile']
const cities = ['Paris', 'London', 'Berlin', 'Tokyo', 'Cairo', 'Lima', 'Oslo', 'Delhi']
const small = ['2', '3', '4', '5', '7', '12', '15', '30']
const amounts = ['20', '50', '80', '120', '250', '400', '900', '1500']
const orders = ['AB-1204', 'AB-1240', 'KT-7731', 'KT-7713', 'ZX-5005', 'ZX-5050']
const products = ['the router', 'the printer', 'the headset', 'the tablet', 'the camera']
const languages = ['Italian', 'German', 'Polish', 'Dutch', 'Greek']
const phrases = ['good night', 'good day', 'thank you', 'see you soon', 'well done']
const codes = ['parseInt', 'parseFloat', 'encodeURI', 'decodeURI', 'isNaN']

export const intents: readonly Intent[] = [
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
  {
    name: 'password-reset',
    wordings: [
      'How do I reset my password?',
      'I forgot my password, how can I reset it?',
      'What are the steps to reset a forgotten password?',
      'Where can I reset my password?',
      'My password is lost. How do I get a new one?',
      'Help me to reset the password of my account.',
    ],
    slots: {},
  },
  {
    name: 'password-change-mail',
    wordings: [
      'How do I change my e-mail address?',
      'I have a new e-mail address, how can I change it?',
      'What are the steps to change the e-mail address of my account?',
      'Where can I change my e-mail address?',
    ],
    slots: {},
  },
  {
    name: 'two-factor-on',
    wordings: [
      'How do I enable two-factor login?',
      'How can I turn on two-factor login?',
      'What do I have to do to enable two-factor login?',
      'Tell me how to enable two-factor login for my account.',
    ],
    slots: {},
  },
  {
    name: 'two-factor-off',
    wordings: [
      'How do I disable two-factor login?',
      'How can I turn off two-factor login?',
      'What do I have to do to disable two-factor login?',
      'Tell me how to disable two-factor login for my account.',
    ],
    slots: {},
  },
  {
    name: 'warranty',
    wordings: [
      'How long is the warranty of {product}?',
      'What warranty does {product} come with?',
      'For how many years is {product} under warranty?',
      'Tell me how long the warranty on {product} lasts.',
      'Does {product} have a warranty, and how long is it?',
    ],
    slots: { product: products },
  },
  {
    name: 'return',
    wordings: [
      'How do I return {product}?',
      'I want to send {product} back, how does that work?',
      'What is the way to return {product}?',
      'Can I give {product} back, and how?',
    ],
    slots: { product: products },
  },
  {
    name: 'repair',
    wordings: [
      'How do I get {product} repaired?',
      '{product} is broken, how do I get a repair?',
      'What is the way to have {product} repaired?',
      'Can you repair {product}, and how do I send it?',
    ],
    slots: { product: products },
  },
  {
    name: 'translate',
    wordings: [
      'Translate "{phrase}" into {language}.',
      'What is "{phrase}" in {language}?',
      'How do you say "{phrase}" in {language}?',
      'Please give me the {language} for "{phrase}".',
      'I need "{phrase}" in {language}.',
    ],
    slots: { phrase: phrases, language: languages },
  },
  {
    name: 'function-does',
    wordings: [
      'What does {code} do in JavaScript?',
      'Explain the JavaScript function {code}.',
      'In JavaScript, what is {code} for?',
      'Describe what {code} does in JavaScript.',
    ],
    slots: { code: codes },
  },
  {
    name: 'function-returns',
    wordings: [
      'What does {code} return in JavaScript?',
      'Which type does the JavaScript function {code} return?',
      'In JavaScript, what is the return value of {code}?',
      'Describe what {code} returns in JavaScript.',
    ],
    slots: { code: codes },
  },
  {
    name: 'open-hours',
    wordings: [
      'When does the shop in {city} open?',
      'At what time does your {city} shop open?',
      'What is the opening time of the shop in {city}?',
      'From when on is the {city} shop open?',
    ],
    slots: { city: cities },
  },
  {
    name: 'close-hours',
    wordings: [
      'When does the shop in {city} close?',
      'At what time does your {city} shop close?',
      'What is the closing time of the shop in {city}?',
      'Until when is the {city} shop open?',
    ],
    slots: { city: cities },
  },
  {
    name: 'invoice-copy',
    wordings: [
      'Can I get a copy of my invoice from {month}?',
      'Please send me the {month} invoice again.',
      'I need the invoice of {month} once more.',
      'Where do I find my {month} invoice?',
    ],
    slots: { month: ['January', 'February', 'March', 'May', 'June', 'October'] },
  },
  {
    name: 'invoice-wrong',
    wordings: [
      'My invoice from {month} is wrong, what now?',
      'There is a mistake in the {month} invoice.',
      'The invoice of {month} has an error in it, please help.',
      'What do I do about a wrong {month} invoice?',
    ],
    slots: { month: ['January', 'February', 'March', 'May', 'June', 'October'] },
  },
  {
    name: 'lighter',
    wordings: [
      'Which is lighter, {product} or the laptop?',
      'Is {product} lighter than the laptop, or is the laptop?',
      'Between {product} and the laptop, which one is lighter?',
    ],
    slots: { product: products },
  },
  {
    name: 'heavier',
    wordings: [
      'Which is heavier, {product} or the laptop?',
      'Is {product} heavier than the laptop, or is the laptop?',
      'Between {product} and the laptop, which one is heavier?',
    ],
    slots: { product: products },
  },
]
