import type { Command } from 'commander';
import { deferred } from './deferred.js';

export interface ListFlags {
  readonly json?: boolean;
}

export function addList(program: Command): void {
  program
    .command('list')
    .description('list the VRFs and network namespaces with their links, addresses and processes')
    .option('--json', 'print JSON')
    .addHelpText('after', "\nExample:\n  $ vrf list\n  $ vrf list --json | jq '.vrfs[].name'\n")
    .action(deferred(async () => (await import('../actions/list.js')).run));
}
