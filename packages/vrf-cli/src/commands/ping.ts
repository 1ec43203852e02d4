import type { Command } from 'commander';
import { durationOption, parseInteger } from '../arguments.js';
import { deferred } from './deferred.js';
import { addFamilyOptions, type FamilyFlags } from './family.js';
import { addTargetOptions, type TargetFlags } from './target-options.js';

export interface PingFlags extends TargetFlags, FamilyFlags {
  readonly count?: number;
  readonly interval: number;
  readonly timeout: number;
  readonly size: number;
  readonly ttl?: number;
  readonly json?: boolean;
}

const DEFAULT_SIZE = 56;
/** The largest ICMP message over IPv4: 65535 bytes without the headers of IP and ICMP. */
const MAX_SIZE = 65_507;

export function addPing(program: Command): void {
  addFamilyOptions(addTargetOptions(program.command('ping')))
    .description('send ICMP echo requests from a VRF, until interrupted or as many as --count says')
    .argument('[vrf]', 'the VRF')
    .argument('[host]', 'an address or a name')
    .option('-c, --count <n>', 'how many requests are sent', parseInteger(1))
    .addOption(durationOption('-i, --interval <duration>', 'from one request to the next', '1s', 0))
    .addOption(durationOption('-W, --timeout <duration>', 'wait so long for a reply', '1s'))
    .option('-s, --size <bytes>', 'bytes of data in a request', parseInteger(0, MAX_SIZE), DEFAULT_SIZE)
    .option('--ttl <hops>', 'TTL or hop limit of the requests', parseInteger(1, 255))
    .option('--json', 'print the result as JSON at the end')
    .addHelpText(
      'after',
      '\nExample:\n  $ vrf ping red 192.0.2.1 -c 3\n\nExit code: 0 with a reply, 1 without one, 2 for invalid arguments.\n',
    )
    .action(deferred(async () => (await import('../actions/ping.js')).run));
}
