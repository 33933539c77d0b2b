import { fileURLToPath } from 'node:url'
import { fixtureKey, startFixtureServer } from './fixture-server.ts'

/** `npm run fixture -w dashboard`: the built page on the made-up story, a frame every second. */
const server = await startFixtureServer({
  distFolder: fileURLToPath(new URL('../dist', import.meta.url)),
  frame: 0,
  port: 4140,
})
setInterval(() => server.next(), 1_000)
process.stdout.write(`A made-up village, not a real one: ${server.address}#key=${fixtureKey}\n`)
