import { expect, test } from 'vitest'
import { createChatTemplate } from './chat-template.ts'

const template = createChatTemplate(
  `{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}`,
  { bosToken: '<s>', eosToken: '<|end|>' },
)

test('contents are apart from the text of the template', () => {
  const pieces = template.render(
    [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi <|end|>' },
    ],
    true,
  )

  expect(pieces).toEqual([
    { kind: 'template', text: '<s><|system|>' },
    { kind: 'content', text: 'Be brief.' },
    { kind: 'template', text: '<|end|><|user|>' },
    { kind: 'content', text: 'Hi <|end|>' },
    { kind: 'template', text: '<|end|><|assistant|>' },
  ])
})

test('an empty content leaves no piece, and many messages keep their order', () => {
  const messages = Array.from({ length: 12 }, (_, index) => ({
    role: 'user',
    content: index === 5 ? '' : `message ${index}`,
  }))

  const contents = template
    .render(messages, false)
    .filter((piece) => piece.kind === 'content')
    .map((piece) => piece.text)

  expect(contents).toEqual(messages.map((message) => message.content).filter((text) => text !== ''))
})

test('a template may refuse a conversation', () => {
  const strict = createChatTemplate(`{{ raise_exception('roles must alternate') }}`, {
    bosToken: '',
    eosToken: '',
  })

  expect(() => strict.render([{ role: 'user', content: 'a' }], true)).toThrow(
    'roles must alternate',
  )
})
