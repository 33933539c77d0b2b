import { pick } from '../../src/kernel/random.ts'
import { createTemplate, readAny } from '../../src/simulation/families/template.ts'
import { createTemplatedFamily } from '../../src/simulation/families/templated-family.ts'
import { city, firstName, misspell, wholeNumber } from '../../src/simulation/families/word-lists.ts'

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']

const patterns = { who: '\\w+', day: '\\w+', time: '\\d{2}:\\d{2}', where: 'room \\w+' }
const notes = [
  'see {who} {day} at {time}, {where}',
  '{where} is booked {day} {time} for the chat with {who}',
  '{day} {time} coffee with {who} in {where}',
  '{who} comes over {day}, {time}, {where}',
].map((text) => createTemplate(text, patterns))

export const kingMeetingNote = createTemplatedFamily({
  name: 'meeting-note',
  agent: 'king',
  expectation: 'learnable',
  weight: 0.5,
  format: 'json',
  phrasings: [
    'Calendar entry (who, when, where; JSON) from my scribble: {note}',
    'Jotted down: {note}. Make it who/when/where in JSON',
    'Put my note into the diary format (who, when, where as JSON) - {note}',
    'Diary JSON (who, when, where) wanted for: {note}',
  ],
  innerTemplates: notes.map((note) => note.text),
  patterns: { note: '[\\w :,]+' },
  values: (random) => ({
    note: pick(notes, random).fill({
      who: firstName(random),
      day: pick(weekdays, random),
      time: `${String(wholeNumber(random, 8, 18)).padStart(2, '0')}:${pick(['00', '15', '30', '45'], random)}`,
      where: `room ${city(random)}`,
    }),
  }),
  answer: ({ note = '' }) => {
    const slots = readAny(notes, note)?.slots
    if (slots === undefined) return null
    return JSON.stringify({
      who: slots['who'],
      when: `${slots['day']} ${slots['time']}`,
      where: slots['where'],
    })
  },
  spoil: (answer, random) => {
    const right = JSON.parse(answer) as Record<string, string>
    return JSON.stringify({ ...right, who: misspell(right['who'] ?? '', random) })
  },
})
