import type { Intent } from './intent.ts'

const cities = ['Paris', 'London', 'Berlin', 'Tokyo', 'Cairo', 'Lima', 'Oslo', 'Delhi']
const products = ['the router', 'the printer', 'the headset', 'the tablet', 'the camera']
const languages = ['Italian', 'German', 'Polish', 'Dutch', 'Greek']
const phrases = ['good night', 'good day', 'thank you', 'see you soon', 'well done']
const codes = ['parseInt', 'parseFloat', 'encodeURI', 'decodeURI', 'isNaN']

export const helpIntents: readonly Intent[] = [
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
