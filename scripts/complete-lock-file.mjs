import { readFileSync, writeFileSync } from 'node:fs'
import { missingPlatforms } from './lock-file/missing-platforms.mjs'
import { inProject } from './setup/paths.mjs'

const path = inProject('package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))
const missing = missingPlatforms(lock.packages)
Object.assign(lock.packages, missing)
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
process.stdout.write(`${Object.keys(missing).length} entries added to package-lock.json\n`)
