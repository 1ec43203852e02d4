import { readFileSync } from 'node:fs';
import { etcPlaces } from '../etc/etc-places.js';
import { addressesInHosts, type HostsEntry, type HostsFile, parseHostsFile } from '../etc/hosts-file.js';
import { parseResolvConf } from '../etc/resolv-conf.js';
import { serviceOfPort } from '../etc/services.js';

/** What a namespace's `resolv.conf` says that a lookup needs, see resolv.conf(5). */
export interface LookupConfiguration {
  /** As `dns.setServers` wants them; never empty. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
}

/** Reads a file of `/etc`, or the one that stands in for it in the namespace. */
function readEtc(name: string | undefined, file: string): string {
  for (const path of etcPlaces(name, file)) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // The next one.
    }
  }
  return '';
}

export function readResolvConf(name: string | undefined): LookupConfiguration {
  const { servers, search = [], ndots } = parseResolvConf(readEtc(name, 'resolv.conf'));
  // resolv.conf(5): without a server, the one on this machine. Never those of another file.
  return { servers: servers.length > 0 ? servers.map(({ text }) => text) : ['127.0.0.1'], search, ndots };
}

// The worker looks into the file for each name: what has not changed is not parsed again.
let hosts: { readonly text: string; readonly parsed: HostsFile } | undefined;

/** The addresses that `hosts` has for a name, in the file's order. */
export function readHosts(name: string | undefined, hostname: string, family: 0 | 4 | 6): readonly HostsEntry[] {
  const text = readEtc(name, 'hosts');
  if (hosts?.text !== text) hosts = { text, parsed: parseHostsFile(text) };
  return addressesInHosts(hosts.parsed, hostname, family) ?? [];
}

/** The name of a TCP or UDP port in `/etc/services`; the number itself if it has none. */
export function serviceName(name: string | undefined, port: number): string {
  return serviceOfPort(readEtc(name, 'services'), port) ?? String(port);
}
