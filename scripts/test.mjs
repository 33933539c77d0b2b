import { requireNode } from './setup/require-node.mjs'

requireNode()
void import('./setup/run-tests.mjs').then(function (setup) {
  return setup.runTests(process.argv.slice(2))
})
