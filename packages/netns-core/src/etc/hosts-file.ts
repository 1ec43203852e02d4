import { isIP } from 'node:net';
import { formatIPv6, parseIPv6 } from '../sys/ip-address.js';
import { asciiName } from './host-name.js';

/** INET6_ADDRSTRLEN, and a zone. */
const MAX_ADDRESS_LENGTH = 64;

/** An address that a hosts file has for a name. */
export interface HostsEntry {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Addresses by name, in the order of the file. Names are in lower case, international ones in the form of the DNS. */
export type HostsFile = ReadonlyMap<string, readonly HostsEntry[]>;

/** Reads the text of a `hosts(5)` file. A name on several lines has all their addresses. */
export function parseHostsFile(text: string): HostsFile {
  // Of each name by address: a map keeps the order, and finds a duplicate among thousands.
  const hosts = new Map<string, Map<string, HostsEntry>>();
  for (const line of text.split('\n')) {
    const comment = line.indexOf('#');
    const [written = '', ...names] = (comment < 0 ? line : line.slice(0, comment)).trim().split(/\s+/);
    // Node's check takes time by the square of the length.
    const family = written.length > MAX_ADDRESS_LENGTH ? 0 : isIP(written);
    if (family !== 4 && family !== 6) continue;
    const address = family === 4 ? written : canonicalIPv6(written);
    for (const name of names) {
      const key = hostsKey(name);
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, new Map([[address, { address, family }]]));
      else if (!known.has(address)) known.set(address, { address, family });
    }
  }
  return new Map([...hosts].map(([name, entries]) => [name, [...entries.values()]]));
}

/**
 * The addresses that the file has for a name. Where IPv4 is wanted alone, IPv4-mapped IPv6 addresses count as the IPv4
 * addresses that they hold, and `::1` as 127.0.0.1, as with the C library.
 *
 * @returns `undefined` where there are none
 */
export function addressesInHosts(
  hosts: HostsFile,
  hostname: string,
  family: 0 | 4 | 6,
): readonly HostsEntry[] | undefined {
  if (hosts.size === 0) return undefined;
  const entries = hosts.get(hostsKey(hostname));
  if (entries === undefined) return undefined;
  const found = new Map<string, HostsEntry>();
  for (const entry of entries) {
    const wanted = family === 4 ? asIPv4(entry) : family === 0 || entry.family === family ? entry : undefined;
    if (wanted !== undefined) found.set(wanted.address, wanted);
  }
  return found.size === 0 ? undefined : [...found.values()];
}

/** The names that the file has for an address, in the order of the file. */
export function namesInHosts(hosts: HostsFile, ip: string): string[] {
  const address = ip.includes(':') ? canonicalIPv6(ip) : ip;
  return [...hosts].filter(([, entries]) => entries.some((entry) => entry.address === address)).map(([name]) => name);
}

function hostsKey(name: string): string {
  return asciiName(name.endsWith('.') ? name.slice(0, -1) : name);
}

function canonicalIPv6(written: string): string {
  const percent = written.indexOf('%');
  return `${formatIPv6(parseIPv6(written))}${percent < 0 ? '' : written.slice(percent)}`;
}

function asIPv4(entry: HostsEntry): HostsEntry | undefined {
  if (entry.family === 4) return entry;
  if (entry.address === '::1') return { address: '127.0.0.1', family: 4 };
  const mapped = /^::ffff:([\d.]+)$/.exec(entry.address)?.[1];
  return mapped === undefined ? undefined : { address: mapped, family: 4 };
}
