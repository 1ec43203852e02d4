#!/usr/bin/env node
import { CommanderError } from 'commander';
import { Failure, isUsage, UNKNOWN_EXIT_CODE, USAGE_EXIT_CODE } from './failure.js';
import { debugText, messageOf } from './output/errors.js';
import { printNote } from './output/print.js';
import { errorStyle } from './output/style.js';
import { createProgram } from './program.js';

async function main(): Promise<void> {
  // The reader of the output may stop reading: `vrf list | head -1`.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      if (stream === process.stdout)
        printNote(`${errorStyle.red('vrf:')} cannot write the output: ${messageOf(error)}`);
      process.exit(1);
    });
  const end = process.argv.indexOf('--');
  const debug = process.argv.slice(2, end < 0 ? undefined : end).includes('--debug');
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has printed its message.
      const code = process.argv[2] === 'check' ? UNKNOWN_EXIT_CODE : USAGE_EXIT_CODE;
      process.exitCode = error.exitCode === 0 ? 0 : code;
      return;
    }
    process.exitCode =
      error instanceof Failure ? error.exitCode : (process.exitCode ?? (isUsage(error) ? USAGE_EXIT_CODE : 1));
    printNote(`${errorStyle.red('vrf:')} ${debug ? debugText(error) : messageOf(error)}`);
  }
}

await main();
