import { exportRecords } from '../app.ts'

export async function exportCommand(
  what: 'interactions' | 'pairs',
  options: { readonly format: 'jsonl' | 'csv'; readonly out?: string },
): Promise<void> {
  await exportRecords({
    environment: process.env,
    what,
    format: options.format,
    output: process.stdout,
    ...(options.out === undefined ? {} : { file: options.out }),
  })
}
