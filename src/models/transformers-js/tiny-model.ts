import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A whole embedding model of a few words for tests, in the files that Hugging Face has of one: each
 * word is a direction of its own, so that texts are similar by the words that they share. The graph
 * is one lookup, written as ONNX by hand (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
export function writeTinyModel(folder: string, words: readonly string[]): void {
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...words]
  mkdirSync(join(folder, 'onnx'), { recursive: true })
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(value))
  write('config.json', {
    architectures: ['BertModel'],
    model_type: 'bert',
    hidden_size: vocabulary.length,
    vocab_size: vocabulary.length,
  })
  write('tokenizer_config.json', {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: true,
    model_max_length: 512,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
  })
  write('tokenizer.json', {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
      unk_token: '[UNK]',
    },
  })
  writeFileSync(join(folder, 'onnx', 'model.onnx'), lookupGraph(vocabulary.length))
}

const float = 1
const int64 = 7

function lookupGraph(size: number): Buffer {
  const table = new Float32Array(size * size)
  for (let at = 0; at < size; at += 1) table[at * size + at] = 1
  const node = message(
    [1, 'table'],
    [1, 'input_ids'],
    [2, 'last_hidden_state'],
    [3, 'lookup'],
    [4, 'Gather'],
  )
  const initializer = message(
    [1, size],
    [1, size],
    [2, float],
    [8, 'table'],
    [9, Buffer.from(table.buffer)],
  )
  const graph = message(
    [1, node],
    [2, 'tiny'],
    [5, initializer],
    ...['input_ids', 'attention_mask', 'token_type_ids'].map((name): Field => [
      11,
      tensorNamed(name, int64, ['batch', 'tokens']),
    ]),
    [12, tensorNamed('last_hidden_state', float, ['batch', 'tokens', size])],
  )
  return message([1, 8], [7, graph], [8, message([1, ''], [2, 13])])
}

function tensorNamed(name: string, type: number, shape: readonly (string | number)[]): Buffer {
  const dimensions = shape.map((size): Field => [
    1,
    message(typeof size === 'number' ? [1, size] : [2, size]),
  ])
  const tensor = message([1, type], [2, message(...dimensions)])
  return message([1, name], [2, message([1, tensor])])
}

type Field = readonly [number: number, value: number | string | Buffer]

/** Protocol buffers: numbers as varints, everything else with its length before it. */
function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
      const bytes = typeof value === 'string' ? Buffer.from(value) : value
      return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
    }),
  )
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}
