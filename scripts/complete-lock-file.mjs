import { readFileSync, writeFileSync } from 'node:fs'
import { missingPlatforms } from './lock-file/missing-platforms.mjs'
import { narrowedPlatforms } from './lock-file/unwanted-platforms.mjs'
import { inProject } from './setup/paths.mjs'

const path = inProject('package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))
const missing = missingPlatforms(lock.packages)
const narrowed = narrowedPlatforms(lock.packages)
Object.assign(lock.packages, missing, narrowed)
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
process.stdout.write(
  `package-lock.json: ${Object.keys(missing).length} entries added, ` +
    `${Object.keys(narrowed).length} narrowed\n`,
)
