import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The file is there whole or not at all, also after a power cut; its folder is made if missing. */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const partialPath = `${path}.partial`
  try {
    const file = await open(partialPath, 'w')
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partialPath, path)
  } catch (error) {
    await rm(partialPath, { force: true })
    throw error
  }
}
