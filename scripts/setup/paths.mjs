import { fileURLToPath } from 'node:url'

export const projectFolder = fileURLToPath(new URL('../../', import.meta.url))

/** @param {string} path relative to the project */
export function inProject(path) {
  return projectFolder + path
}
