import type { Command } from 'commander';
import { durationOption } from '../arguments.js';
import { deferred } from './deferred.js';
import { addFamilyOptions, type FamilyFlags } from './family.js';
import { addTargetOptions, type TargetFlags } from './target-options.js';
import { addTlsOptions, type TlsFlags } from './tls.js';

export interface DialFlags extends TargetFlags, FamilyFlags, TlsFlags {
  readonly tls?: boolean;
  readonly servername?: string;
  readonly udp?: boolean;
  readonly scan?: boolean;
  readonly verbose?: boolean;
  readonly timeout: number;
  readonly wait: number;
}

export function addDial(program: Command): void {
  addTlsOptions(addFamilyOptions(addTargetOptions(program.command('dial'))))
    .description('connect to a port and pass standard input and output through, as nc does')
    .argument('[vrf]', 'the VRF')
    .argument('[host]', 'an address or a name')
    .argument('[port]', 'the port')
    .option('--tls', 'speak TLS')
    .option('--servername <name>', 'the name to ask for and to check the certificate against (default: the host)')
    .option('-u, --udp', 'send a datagram for each chunk of standard input')
    .option('-z, --scan', 'only connect')
    .option('-v, --verbose', 'tell of the connection on standard error')
    .addOption(durationOption('--timeout <duration>', 'give up connecting after this time', '30s'))
    .addOption(durationOption('--wait <duration>', 'with -u: wait so long for replies after the input', '1s', 0))
    .addHelpText(
      'after',
      "\nExample:\n  $ printf 'PING\\r\\n' | vrf dial red 192.0.2.1 6379\n  $ vrf dial red www.example 443 --tls\n",
    )
    .action(deferred(async () => (await import('../actions/dial.js')).run));
}
