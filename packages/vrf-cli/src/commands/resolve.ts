import { isIP } from 'node:net';
import type { Command } from 'commander';
import { createVrfLookup, createVrfResolver, type RecordTypeName, type VrfResolver } from 'vrf-dial';
import { collect, durationOption } from '../arguments.js';
import { usage } from '../failure.js';
import { printJson, printLine, safe } from '../output/print.js';
import { addTargetOptions, type Target, type TargetFlags, takeTarget } from '../target.js';
import { addFamilyOptions, type FamilyFlags, familyOf } from './family.js';

interface ResolveFlags extends TargetFlags, FamilyFlags {
  readonly type?: readonly string[];
  readonly server?: readonly string[];
  readonly timeout?: number;
  readonly json?: boolean;
}

const RECORD_TYPES: readonly RecordTypeName[] = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'];

interface ResolvedRecord {
  readonly name: string;
  readonly type: RecordTypeName;
  readonly value: unknown;
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
    .action(resolve);
}

async function resolve(vrf: string | undefined, name: string | undefined, flags: ResolveFlags): Promise<void> {
  const args = [vrf, name].filter((text) => text !== undefined);
  const { target, rest } = takeTarget(flags, args, ['name']);
  const [host = ''] = rest;
  const { server, timeout } = flags;
  const dns = { ...(server && { servers: server }), ...(timeout !== undefined && { timeout }) };
  const records = await recordsOf(host, flags, { ...target, dns });
  if (flags.json) printJson(records);
  else for (const { type, value } of records) printLine(`${safe(host)}\t${type}\t${textOf(value)}`);
}

async function recordsOf(
  host: string,
  flags: ResolveFlags,
  target: Target & { dns: object },
): Promise<ResolvedRecord[]> {
  const family = familyOf(flags);
  if (flags.type !== undefined) {
    if (family !== 0) throw usage('--ipv4 and --ipv6 do not go with --type: give A or AAAA as type');
    const wanted = typesOf(flags.type);
    const resolver = createVrfResolver(target);
    const found = await Promise.all(wanted.map((type) => ask(resolver, host, type)));
    return found.flat();
  }
  if (isIP(host) !== 0) {
    const names = await createVrfResolver(target).reverse(host);
    return names.map((value) => ({ name: host, type: 'PTR', value }));
  }
  const addresses = await new Promise<{ address: string; family: number }[]>((settle, reject) => {
    createVrfLookup(target)(host, { all: true, family }, (error, found) =>
      error === null ? settle(found) : reject(error),
    );
  });
  return addresses.map(({ address, family }) => ({ name: host, type: family === 6 ? 'AAAA' : 'A', value: address }));
}

async function ask(resolver: VrfResolver, host: string, type: RecordTypeName): Promise<ResolvedRecord[]> {
  const found: unknown = await resolver.resolve(host, type);
  return [found].flat().map((value) => ({ name: host, type, value }));
}

function typesOf(given: readonly string[]): RecordTypeName[] {
  return given
    .flatMap((text) => text.split(','))
    .map((text) => {
      const type = RECORD_TYPES.find((known) => known === text.trim().toUpperCase());
      if (type === undefined)
        throw usage(`unknown record type '${safe(text)}': expected one of ${RECORD_TYPES.join(', ')}`);
      return type;
    });
}

/** A record as zone files have it, more or less: the fields of one line. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((chunk) => `"${safe(String(chunk))}"`).join(' ');
  if (typeof value !== 'object' || value === null) return safe(String(value));
  return Object.entries(value)
    .map(([field, content]) => `${field}=${safe(String(content))}`)
    .join(' ');
}
