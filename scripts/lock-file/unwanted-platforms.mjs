/** Builds of llama.cpp for graphics cards (0.6 GB) and for processors other than the machine's. */
const neverNeeded = /^node_modules\/@node-llama-cpp\/.*-(cuda|cuda-ext|vulkan)$/
const foreign = /^node_modules\/@node-llama-cpp\/linux-(arm64|armv7l|riscv64)$/

/**
 * The same entries, such that npm installs the first kind nowhere and the second only where it
 * runs. npm goes by the system and processor that the lock file names.
 * @param {Readonly<Record<string, any>>} packages the lock file's `packages`
 * @returns {Readonly<Record<string, object>>} by path, those that change
 */
export function narrowedPlatforms(packages) {
  const narrowed = {}
  for (const [path, entry] of Object.entries(packages)) {
    if (neverNeeded.test(path) && entry.os?.[0] !== 'none') {
      narrowed[path] = { ...entry, os: ['none'] }
    }
    const processor = foreign.exec(path)?.[1]?.replace('armv7l', 'arm')
    if (processor !== undefined && entry.cpu?.length !== 1) {
      narrowed[path] = { ...entry, cpu: [processor] }
    }
  }
  return narrowed
}
