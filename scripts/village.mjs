import { requireNode } from './setup/require-node.mjs'

requireNode()
void import('./setup/run-village.mjs').then(function (setup) {
  return setup.runVillage(process.argv.slice(2))
})
