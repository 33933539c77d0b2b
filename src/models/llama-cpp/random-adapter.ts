import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalWeights } from '../../kernel/model-adapter.ts'
import { seededRandom } from '../../kernel/random.ts'

/** For tests: an adapter (LoRA) of random weights, written as GGUF (version 3 of the format). */
export async function writeRandomAdapter(options: {
  readonly folder: string
  readonly seed: number
  /** Width of the model and of all its query heads together. */
  readonly width: number
  readonly layers: number
  /** Size of the change; 0 leaves the model as it is. */
  readonly strength: number
  readonly name?: string
}): Promise<LocalWeights> {
  const random = seededRandom(options.seed)
  const tensors: Tensor[] = []
  for (let layer = 0; layer < options.layers; layer += 1) {
    const add = (name: string, shape: readonly [number, number], scale: number): void => {
      const values = Float32Array.from(
        { length: shape[0] * shape[1] },
        () => (random() - 0.5) * scale,
      )
      tensors.push({ name: `blk.${layer}.attn_q.weight.${name}`, shape, values })
    }
    add('lora_a', [options.width, rank], 1)
    add('lora_b', [rank, options.width], options.strength)
  }
  const file = ggufOf(tensors)
  const hash = createHash('sha256').update(file).digest('hex')
  const path = join(options.folder, options.name ?? `${hash}.gguf`)
  await writeFile(path, file)
  return { hash, path }
}

type Tensor = {
  readonly name: string
  readonly shape: readonly [number, number]
  readonly values: Float32Array
}

const rank = 4
const alignment = 32
const uint32 = 4
const float32 = 6
const text = 8

function ggufOf(tensors: readonly Tensor[]): Buffer {
  const metadata = [
    pair('general.architecture', text, textBytes('qwen2')),
    pair('general.type', text, textBytes('adapter')),
    pair('adapter.type', text, textBytes('lora')),
    pair('adapter.lora.alpha', float32, floatBytes(rank)),
    pair('general.alignment', uint32, numberBytes(alignment)),
  ]
  let offset = 0
  const infos = tensors.map((tensor) => {
    const info = Buffer.concat([
      textBytes(tensor.name),
      numberBytes(2),
      ...tensor.shape.map(longBytes),
      numberBytes(0),
      longBytes(offset),
    ])
    offset += padded(tensor.values.byteLength)
    return info
  })
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    numberBytes(3),
    longBytes(tensors.length),
    longBytes(metadata.length),
    ...metadata,
    ...infos,
  ])
  return Buffer.concat([
    header,
    Buffer.alloc(padded(header.length) - header.length),
    ...tensors.map(({ values }) =>
      Buffer.concat([
        Buffer.from(values.buffer),
        Buffer.alloc(padded(values.byteLength) - values.byteLength),
      ]),
    ),
  ])
}

function pair(name: string, type: number, value: Buffer): Buffer {
  return Buffer.concat([textBytes(name), numberBytes(type), value])
}

function padded(length: number): number {
  return Math.ceil(length / alignment) * alignment
}

function textBytes(value: string): Buffer {
  return Buffer.concat([longBytes(Buffer.byteLength(value)), Buffer.from(value)])
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function longBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function floatBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}
