import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'

export type ContentWriter = {
  /** Appends one line; its line end is added. */
  writeLine(text: string): Promise<void>
  /** The file appears whole under its name, also after a power cut; gives its size in bytes. */
  finish(): Promise<number>
  /** Leaves nothing behind. */
  discard(): Promise<void>
}

const bufferedCharacters = 65_536

/** The contents of tenants' files, one file each in a folder, named by ids that we made. */
export class FileContents {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async write(id: string, content: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const path = this.#pathOf(id)
    const file = await open(`${path}.partial`, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.partial`, path)
  }

  async writer(id: string): Promise<ContentWriter> {
    await mkdir(this.#folder, { recursive: true })
    const path = this.#pathOf(id)
    const file = await open(`${path}.partial`, 'w')
    let waiting = ''
    let sizeBytes = 0
    const flush = async (): Promise<void> => {
      const bytes = Buffer.from(waiting)
      waiting = ''
      sizeBytes += bytes.length
      await file.writeFile(bytes)
    }
    return {
      writeLine: async (text) => {
        waiting += `${text}\n`
        if (waiting.length >= bufferedCharacters) await flush()
      },
      finish: async () => {
        await flush()
        await file.sync()
        await file.close()
        await rename(`${path}.partial`, path)
        return sizeBytes
      },
      discard: async () => {
        await file.close()
        await rm(`${path}.partial`, { force: true })
      },
    }
  }

  read(id: string): Readable {
    return createReadStream(this.#pathOf(id))
  }

  /** Lines as they stand in the file, ended by a line feed alone: JSON may hold other line breaks. */
  async *lines(id: string): AsyncIterable<Buffer> {
    const stream = this.read(id)
    let rest: Buffer[] = []
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        let start = 0
        for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
          yield Buffer.concat([...rest, chunk.subarray(start, end)])
          rest = []
          start = end + 1
        }
        if (start < chunk.length) rest.push(chunk.subarray(start))
      }
      if (rest.length > 0) yield Buffer.concat(rest)
    } finally {
      stream.destroy()
      await finished(stream).catch(() => undefined)
    }
  }

  async remove(id: string): Promise<void> {
    await rm(this.#pathOf(id), { force: true })
  }

  #pathOf(id: string): string {
    if (!/^file_[0-9a-z]+$/.test(id)) throw new RangeError('Not the id of a file')
    return join(this.#folder, `${id}.jsonl`)
  }
}
