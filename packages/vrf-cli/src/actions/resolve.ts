import { isIP } from 'node:net';
import { createVrfLookup, createVrfResolver, type RecordTypeName, type VrfResolver } from 'vrf-dial/node';
import { hostOf } from '../arguments.js';
import { familyOf } from '../commands/family.js';
import { RECORD_TYPES, type ResolveFlags } from '../commands/resolve.js';
import { Failure, usage } from '../failure.js';
import { codeOf } from '../output/errors.js';
import { printJson, printLine, safe } from '../output/print.js';
import { type Target, takeTarget } from '../target.js';
import { checkTarget } from './check-target.js';

interface ResolvedRecord {
  readonly name: string;
  readonly type: RecordTypeName;
  readonly value: unknown;
}

export async function run(vrf: string | undefined, name: string | undefined, flags: ResolveFlags): Promise<void> {
  const args = [vrf, name].filter((text) => text !== undefined);
  const { target, rest } = await takeTarget(flags, args, ['name']);
  const host = hostOf(rest[0] ?? '');
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
  if (flags.type !== undefined && family !== 0)
    throw usage('--ipv4 and --ipv6 do not go with --type: give A or AAAA as type');
  const wanted = flags.type && typesOf(flags.type);
  // It checks the name servers that are given: wrong arguments are told before a VRF that is missing.
  const resolver = createVrfResolver(target);
  const { dns: _, ...place } = target;
  await checkTarget(place);
  if (wanted !== undefined) {
    const found = await Promise.all(wanted.map((type) => ask(resolver, host, type)));
    return found.flat();
  }
  if (isIP(host) !== 0) {
    const names = await resolver.reverse(host);
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
  const found: unknown = await resolver.resolve(host, type).catch((error) => {
    throw explained(error, host, type);
  });
  return [found].flat().map((value) => ({ name: host, type, value }));
}

/**
 * `node:dns` has ECONNREFUSED for every server that could not be asked. The parentheses of the message say for each what
 * the kernel said, so this code would be a second word for it, and often the wrong one.
 */
function explained(error: unknown, host: string, type: RecordTypeName): unknown {
  if (codeOf(error) !== 'ECONNREFUSED' || !(error instanceof Error)) return error;
  const reason = error.message.slice(error.message.indexOf(`${host}: `) + host.length + 2);
  return new Failure(`cannot ask for ${type} of ${safe(host)}: ${reason}`, 1, { cause: error });
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
