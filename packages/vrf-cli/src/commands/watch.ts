import type { Command } from 'commander';
import { deferred } from './deferred.js';

export interface WatchFlags {
  readonly existing?: boolean;
  readonly json?: boolean;
}

export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('print a line for each VRF that comes or goes, until interrupted')
    .option('--existing', 'begin with the VRFs that are there')
    .option('--json', 'print one JSON object per line')
    .addHelpText(
      'after',
      '\nExample:\n  $ vrf watch --existing\n  + red (namespace ns-red)\n  - red (namespace ns-red)\n',
    )
    .action(deferred(async () => (await import('../actions/watch.js')).run));
}
