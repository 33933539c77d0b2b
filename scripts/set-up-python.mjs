import { endWithProblem } from './setup/setup-problem.mjs'
import { setUpPythonSide } from './setup/python-side.mjs'

// The village serves meanwhile: its answers come before the installation.
await import('node:os').then(({ setPriority }) => {
  setPriority(10)
})
await setUpPythonSide({ withDevelopmentTools: false }).catch(endWithProblem)
