import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addBrokerOption } from './commands/broker-option.js';
import { addCheck } from './commands/check.js';
import { addCompletion } from './commands/completion.js';
import { addDial } from './commands/dial.js';
import { addExec } from './commands/exec.js';
import { addFetch } from './commands/fetch.js';
import { addList } from './commands/list.js';
import { addListen } from './commands/listen.js';
import { addMap } from './commands/map.js';
import { addPing } from './commands/ping.js';
import { addResolve } from './commands/resolve.js';
import { addWatch } from './commands/watch.js';
import { EXIT_CODE, exitCodesText } from './exit-codes.js';
import { messageOf } from './output/errors.js';
import { printNote } from './output/print.js';
import { errorStyle } from './output/style.js';

/** In the order of the help. */
const COMMANDS = [
  addList,
  addFetch,
  addResolve,
  addDial,
  addPing,
  addListen,
  addExec,
  addWatch,
  addCheck,
  addMap,
  addCompletion,
];

/** The program with its commands; parsing throws `CommanderError` instead of ending the process. */
export function createProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('vrf')
    .description('Works in the VRFs and network namespaces of this host.')
    .version(version)
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `${exitCodesText('commands')}\nvrf check --help has the exit codes of vrf check.\n
Example:\n  $ vrf list\n  $ vrf fetch red http://192.0.2.1/\n`,
    );
  for (const add of COMMANDS) add(program);
  for (const command of program.commands) {
    if (!command.name().startsWith('completion')) addBrokerOption(command);
    command.option('--debug', 'show errors with their stack and causes');
  }
  for (const command of [program, ...program.commands]) {
    const help = command === program ? 'vrf --help' : `vrf ${command.name()} --help`;
    const onOneLine = (text: string): string => messageOf(text.replace(/^error: /, '').trim());
    command.exitOverride((error) => {
      // Monitoring would take 2 for a critical service.
      if (error.exitCode !== 0) error.exitCode = command.name() === 'check' ? EXIT_CODE.unknown : EXIT_CODE.usage;
      throw error;
    });
    command.configureOutput({
      outputError: (text) => printNote(`${errorStyle.red('vrf:')} ${onOneLine(text)} (${help} shows more)`),
    });
  }
  return program;
}
