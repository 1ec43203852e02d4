import type { Command } from 'commander';
import { deferred } from './deferred.js';
import { addTargetOptions, type TargetFlags } from './target-options.js';

export interface ListenFlags extends TargetFlags {
  readonly host?: string;
  readonly echo?: boolean;
  readonly http?: string;
  readonly keep?: boolean;
}

export function addListen(program: Command): void {
  addTargetOptions(program.command('listen'))
    .description('listen on a port and pass one connection through to standard input and output, as nc -l does')
    .argument('[vrf]', 'the VRF')
    .argument('[port]', 'the port; 0 lets the kernel choose one')
    .option('--host <address>', 'an address of the namespace (default: all of them)')
    .option('--echo', 'serve connections until interrupted: send back what they send')
    .option('--http <text>', 'serve HTTP until interrupted: respond to every request with this text')
    .option('--keep', 'print what one connection after the other sends, until interrupted')
    .addHelpText('after', "\nExample:\n  $ vrf listen red 8080 --http 'it works'\n  $ vrf listen red 9000 > received\n")
    .action(deferred(async () => (await import('../actions/listen.js')).run));
}
