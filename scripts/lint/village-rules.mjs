import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importProblem } from './import-table.mjs'

const projectFolder = fileURLToPath(new URL('../../', import.meta.url))
const fixtures = 'scripts/lint/fixtures/'

const importRules = {
  meta: { type: 'problem' },
  create(context) {
    const importer = projectPath(context.filename)
    const check = (source, typesOnly) => {
      if (typeof source?.value !== 'string') return
      const problem = importProblem(importer, source.value, typesOnly)
      if (problem !== null) context.report({ node: source, message: problem })
    }
    return {
      ImportDeclaration: (node) => check(node.source, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node.source, false),
      TSImportType: (node) => check(node.source ?? node.argument, true),
    }
  },
}

export default { meta: { name: 'village' }, rules: { imports: importRules } }

/** A fixture stands for the file of the project whose path it repeats. */
function projectPath(filename) {
  const path = relative(projectFolder, filename).split(sep).join('/')
  return path.startsWith(fixtures) ? path.slice(fixtures.length) : path
}
