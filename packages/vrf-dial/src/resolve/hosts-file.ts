import { isIP } from 'node:net';

/** Addresses by lower-case name, in the order of the file. */
export type HostsFile = ReadonlyMap<string, readonly { readonly address: string; readonly family: 4 | 6 }[]>;

/** Reads the text of a `hosts(5)` file. A name on several lines has all their addresses. */
export function parseHostsFile(text: string): HostsFile {
  const hosts = new Map<string, { address: string; family: 4 | 6 }[]>();
  for (const line of text.split('\n')) {
    const comment = line.indexOf('#');
    const [address = '', ...names] = (comment < 0 ? line : line.slice(0, comment)).trim().split(/\s+/);
    const family = isIP(address);
    if (family !== 4 && family !== 6) continue;
    for (const name of names) {
      const key = name.toLowerCase().replace(/\.$/, '');
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, [{ address, family }]);
      else if (!known.some((entry) => entry.address === address)) known.push({ address, family });
    }
  }
  return hosts;
}
