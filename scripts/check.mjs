import { requireNode } from './setup/require-node.mjs'

requireNode()
void import('./setup/run-checks.mjs').then(function (setup) {
  return setup.runChecks()
})
