import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The id of the process that `parent` has started with `word` in its command line, by `ps`. */
export async function childProcessId(parent: number, word: string): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args='])
  for (const line of stdout.split('\n')) {
    const [, pid, parentOfLine, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    if (Number(parentOfLine) === parent && command?.includes(word) === true) return Number(pid)
  }
  throw new Error(`The process ${parent} has no child of the name ${word}`)
}
