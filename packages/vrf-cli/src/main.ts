import { CommanderError } from 'commander';
import { EXIT_CODE } from './exit-codes.js';
import { Failure, isUsage } from './failure.js';
import { debugText, messageOf } from './output/errors.js';
import { printNote } from './output/print.js';
import { errorStyle } from './output/style.js';
import { createProgram } from './program.js';

/** Runs a command line, without the names of Node and of the program, to its end, and sets the exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const end = args.indexOf('--');
  const debug = args.slice(0, end < 0 ? undefined : end).includes('--debug');
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has printed its message.
      process.exitCode = error.exitCode;
      return;
    }
    process.exitCode =
      error instanceof Failure
        ? error.exitCode
        : (process.exitCode ?? (isUsage(error) ? EXIT_CODE.usage : EXIT_CODE.failure));
    printNote(`${errorStyle.red('vrf:')} ${debug ? debugText(error) : messageOf(error)}`);
  }
}
