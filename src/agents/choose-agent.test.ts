import { expect, test } from 'vitest'
import { chooseAgentByWords } from './choose-agent.ts'

test.each([
  ['magi', 'Implement a function that reverses a list.'],
  ['magi', 'Give me the SQL query for the newest orders.'],
  ['magi', 'Debug this Python script.'],
  ['sage', 'Compare these two offers and name the cheaper one.'],
  ['sage', 'Extract name and city from the passage.'],
  ['sage', 'According to the text below, who founded the firm?'],
  ['king', 'Which queue does this message belong to?'],
  ['king', 'Reply politely that we are closed on Monday.'],
  ['king', ''],
])('sends to %s: %s', (agent, text) => {
  expect(chooseAgentByWords(text)).toBe(agent)
})
