// Old syntax on purpose: a Node that is too old must get as far as saying so.
var oldestMajor = 20

export function requireNode() {
  var major = Number(process.versions.node.split('.')[0])
  if (major >= oldestMajor) return
  process.stderr.write(
    'AI Village needs Node ' +
      oldestMajor +
      ' or newer to set itself up; this is Node ' +
      process.versions.node +
      '.\nInstall a newer Node (https://nodejs.org) and run the command again.\n',
  )
  process.exit(1)
}
