#!/usr/bin/env node
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { agentNames } from '../kernel/agent-name.ts'
import { VillageError } from '../kernel/errors.ts'
import { verifyCertificatesCommand } from './certificate-command.ts'
import { exportCommand } from './export-command.ts'
import { addKeyCommands } from './key-command.ts'
import { addReplayCommand } from './replay-command.ts'
import { simulateCommand } from './simulate-command.ts'
import { startCommand } from './start-command.ts'
import { statusCommand } from './status-command.ts'
import { addTargetCommand } from './target-command.ts'
import { trainCommand } from './train-command.ts'

const program = new Command('village')
  .description('A gateway whose agents teach their own small models')
  .showHelpAfterError()

program
  .command('start')
  .description('run the village and serve it on http://127.0.0.1:4040')
  .option('--port <port>', 'port to listen on', wholeNumber)
  .option('--host <address>', 'address to bind to; anything but loopback opens it to the network')
  .option('--no-demo', 'send no demo tasks when the frontier is simulated')
  .action(startCommand)

program
  .command('simulate')
  .description('run the whole loop on simulated tasks, from an empty folder, and print a report')
  .option('--tasks <count>', 'how many tasks', wholeNumber, 5000)
  .option('--seed <seed>', 'the seed of every choice', wholeNumber, 1)
  .option('--home <folder>', 'keep the data in this folder')
  .option('--json', 'print the report as JSON')
  .action(simulateCommand)

program
  .command('status')
  .description('what the running village does')
  .option('--json', 'print everything as JSON')
  .action(statusCommand)

program
  .command('train')
  .description('train one agent on what was recorded (the village must be stopped)')
  .addArgument(new Argument('<agent>', 'whose local model').choices(agentNames))
  .action(trainCommand)

program
  .command('export')
  .description('write what was recorded to a file or to standard output')
  .addArgument(new Argument('<what>', 'what to write').choices(['interactions', 'pairs']))
  .addOption(new Option('--format <format>').choices(['jsonl', 'csv']).default('jsonl'))
  .option('--out <file>', 'the file to write')
  .action(exportCommand)

addKeyCommands(program)
addTargetCommand(program)
addReplayCommand(program)
program
  .command('certificate')
  .description('what the certificates of local serving rest on')
  .command('verify')
  .description('count every certificate anew from the ledger alone')
  .option('--json', 'print everything as JSON')
  .action(verifyCertificatesCommand)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof VillageError)) throw error
  console.error(`village: ${error.message}`)
  process.exitCode = 1
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) {
    throw new InvalidArgumentError('It must be a whole number of 0 or more.')
  }
  return value
}
