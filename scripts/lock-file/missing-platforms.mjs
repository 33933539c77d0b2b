const systems = { darwin: 'darwin', mac: 'darwin', win: 'win32', win32: 'win32', linux: 'linux' }
const processors = { x64: 'x64', arm64: 'arm64', arm: 'arm', armv7l: 'arm', ia32: 'ia32' }

/**
 * Entries for optional packages of other platforms that a lock file lacks. npm leaves them out
 * when the registry that it was made with does not serve them, and `npm ci` then refuses the file.
 * @param {Readonly<Record<string, any>>} packages the lock file's `packages`
 * @returns {Readonly<Record<string, object>>} by path
 */
export function missingPlatforms(packages) {
  const missing = {}
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const known = [`node_modules/${name}`, `${path}/node_modules/${name}`]
      if (known.some((place) => place in packages)) continue
      missing[`node_modules/${name}`] = platformEntry(name, version, entry.dev === true)
    }
  }
  return missing
}

/** System, processor and C library stand in the names of such packages. */
function platformEntry(name, version, dev) {
  const words = name.replace(/^@[^/]+\//, '').split(/[-./]/)
  const system = words.map((word) => systems[word] ?? null).find((word) => word !== null)
  const processor = words.map((word) => processors[word] ?? null).find((word) => word !== null)
  return {
    version,
    cpu: [processor ?? words.at(-1)],
    ...(dev ? { dev } : {}),
    ...(words.includes('musl') ? { libc: ['musl'] } : {}),
    optional: true,
    os: [system ?? words.at(-2)],
  }
}
