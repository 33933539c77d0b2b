import { readFileSync } from 'node:fs'

/** The unit of `/proc/PID/stat` on every Linux that Node runs on (`getconf CLK_TCK`). */
const tickMs = 10

/**
 * Processor time that a process and its children have used, in ms, all threads together. Unlike
 * throughput it hardly depends on what else the machine does. Null where there is no `/proc`.
 */
export function processorTimeMs(pid: number): number | null {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    const pids = [pid, ...children.split(' ').filter((text) => text !== '')]
    let ticks = 0
    for (const one of pids) ticks += ticksOf(readFileSync(`/proc/${one}/stat`, 'utf8'))
    return ticks * tickMs
  } catch {
    return null
  }
}

/** The fields `utime` and `stime`, which follow a name that may hold anything (man 5 proc). */
function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
