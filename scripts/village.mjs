import { requireNode } from './setup/require-node.mjs'

requireNode()
import('./setup/run-village.mjs').then(function (setup) {
  return setup.runVillage(process.argv.slice(2))
})
