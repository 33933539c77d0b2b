import { requireNode } from './setup/require-node.mjs'

requireNode()
import('./setup/run-tests.mjs').then(function (setup) {
  return setup.runTests(process.argv.slice(2))
})
