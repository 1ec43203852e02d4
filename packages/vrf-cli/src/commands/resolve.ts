import type { Command } from 'commander';
import type { RecordTypeName } from 'vrf-dial/node';
import { collect, durationOption } from '../arguments.js';
import { deferred } from './deferred.js';
import { addFamilyOptions, type FamilyFlags } from './family.js';
import { addTargetOptions, type TargetFlags } from './target-options.js';

export const RECORD_TYPES: readonly RecordTypeName[] = [
  'A',
  'AAAA',
  'CAA',
  'CNAME',
  'MX',
  'NS',
  'PTR',
  'SOA',
  'SRV',
  'TXT',
];

export interface ResolveFlags extends TargetFlags, FamilyFlags {
  readonly type?: readonly string[];
  readonly server?: readonly string[];
  readonly timeout?: number;
  readonly json?: boolean;
}

export function addResolve(program: Command): void {
  addFamilyOptions(addTargetOptions(program.command('resolve')))
    .description('resolve a name as programs in the VRF do, or ask its name servers for records of a type')
    .argument('[vrf]', 'the VRF')
    .argument('[name]', 'a host name, or an address for its names')
    .option('-t, --type <types>', `ask for these records (repeatable): ${RECORD_TYPES.join(', ')}`, collect)
    .option('--server <address>', 'ask this name server (repeatable)', collect)
    .addOption(durationOption('--timeout <duration>', 'wait so long for one answer of a name server'))
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ vrf resolve red www.example\n  $ vrf resolve red -t MX,TXT example\n')
    .action(deferred(async () => (await import('../actions/resolve.js')).run));
}
