import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** What a namespace's `resolv.conf` says that a lookup needs, see resolv.conf(5). */
export interface ResolvConf {
  /** As `dns.setServers` wants them; never empty. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
}

/** Reads a file of `/etc`, or the one that stands in for it in the namespace, as `ip netns exec` would have it. */
function readEtc(name: string | undefined, file: string): string {
  for (const path of name === undefined ? [`/etc/${file}`] : [`/etc/netns/${name}/${file}`, `/etc/${file}`]) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // The next one.
    }
  }
  return '';
}

/** The words of each line, without comments. */
function words(text: string): string[][] {
  return text.split('\n').map((line) =>
    line
      .replace(/[#;].*/, '')
      .split(/\s+/)
      .filter(Boolean),
  );
}

export function readResolvConf(name: string | undefined): ResolvConf {
  const servers: string[] = [];
  let search: string[] = [];
  let ndots = 1;
  for (const [keyword, ...rest] of words(readEtc(name, 'resolv.conf'))) {
    const [first = ''] = rest;
    if (keyword === 'nameserver' && isIP(first.split('%')[0] ?? '') !== 0 && servers.length < 3) servers.push(first);
    else if (keyword === 'search' || keyword === 'domain') search = rest;
    else if (keyword === 'options')
      for (const option of rest) if (option.startsWith('ndots:')) ndots = Math.min(Number(option.slice(6)) || 0, 15);
  }
  // resolv.conf(5): without a server, the one on this machine. Never those of another file.
  return { servers: servers.length > 0 ? servers : ['127.0.0.1'], search, ndots };
}

/** The addresses that `hosts` has for a name, in the file's order. */
export function readHosts(name: string | undefined, hostname: string): string[] {
  const wanted = hostname.toLowerCase();
  const found: string[] = [];
  for (const [address, ...names] of words(readEtc(name, 'hosts')))
    if (address !== undefined && names.some((candidate) => candidate.toLowerCase() === wanted)) found.push(address);
  return found;
}

/** The name of a TCP or UDP port in `/etc/services`; the number itself if it has none. */
export function serviceName(name: string | undefined, port: number): string {
  for (const [service, number] of words(readEtc(name, 'services')))
    if (service !== undefined && number === `${port}/tcp`) return service;
  return String(port);
}
