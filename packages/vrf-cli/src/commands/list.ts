import type { Command } from 'commander';
import { deferred } from './deferred.js';

export interface ListFlags {
  readonly sockets?: boolean;
  readonly json?: boolean;
}

export function addList(program: Command): void {
  program
    .command('list')
    .description('list the VRFs and network namespaces with their links, addresses and processes')
    .option('--sockets', 'list the TCP and UDP sockets of each VRF and namespace instead')
    .option('--json', 'print JSON')
    .addHelpText('after', "\nExample:\n  $ vrf list\n  $ vrf list --sockets\n  $ vrf list --json | jq '.vrfs[].name'\n")
    .action(deferred(async () => (await import('../actions/list.js')).run));
}
