import { isIP } from 'node:net';

/** INET6_ADDRSTRLEN, and a zone. */
const MAX_ADDRESS_LENGTH = 64;

interface HostsEntry {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Addresses by lower-case name, in the order of the file. */
export type HostsFile = ReadonlyMap<string, readonly HostsEntry[]>;

/** Reads the text of a `hosts(5)` file. A name on several lines has all their addresses. */
export function parseHostsFile(text: string): HostsFile {
  // Of each name by address: a map keeps the order, and finds a duplicate among thousands.
  const hosts = new Map<string, Map<string, HostsEntry>>();
  for (const line of text.split('\n')) {
    const comment = line.indexOf('#');
    const [address = '', ...names] = (comment < 0 ? line : line.slice(0, comment)).trim().split(/\s+/);
    // Node's check takes time by the square of the length.
    const family = address.length > MAX_ADDRESS_LENGTH ? 0 : isIP(address);
    if (family !== 4 && family !== 6) continue;
    for (const name of names) {
      const key = name.toLowerCase().replace(/\.$/, '');
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, new Map([[address, { address, family }]]));
      else if (!known.has(address)) known.set(address, { address, family });
    }
  }
  return new Map([...hosts].map(([name, entries]) => [name, [...entries.values()]]));
}
