import { Command } from 'commander';
import { isUsage } from '../failure.js';
import { reportOf } from '../output/errors.js';
import { printJsonLine } from '../output/print.js';
import { useBroker } from './broker-option.js';

/**
 * The action of a command, whose code and libraries are imported when the command runs. With `--json` a failure is a
 * line of JSON as well: what reads the output never finds it empty.
 */
export function deferred<Args extends unknown[]>(
  load: () => Promise<(...args: Args) => Promise<void>>,
): (...args: [...Args, Command]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1);
    try {
      if (command instanceof Command) await useBroker(command);
      const run = await load();
      await run(...(given.slice(0, -1) as Args));
    } catch (error) {
      const json = command instanceof Command && command.opts<{ json?: boolean }>().json === true;
      if (json && !isUsage(error)) printJsonLine({ error: reportOf(error) });
      throw error;
    }
  };
}
