import { safe } from '../output/print.js';
import type { HostLink, HostNamespace, HostProcess } from './read-host.js';

/** What a namespace is called: its names, or what else tells it from others. */
export function labelOf({ names, current, ino }: HostNamespace): string {
  if (names.length > 0) return names.map(safe).join(', ');
  return current ? 'current namespace' : `net:[${ino}]`;
}

/** A link's addresses, link-local ones of IPv6 left out where others are there. */
export function addressesOf({ addresses }: HostLink): string[] {
  const wanted = addresses.filter(({ family, scope }) => !(family === 'ipv6' && scope === 'link'));
  return wanted.map(({ address }) => address);
}

/** Whether a link can be used, in one word. */
export function stateOf({ link }: HostLink): 'up' | 'no carrier' | 'down' {
  if (!link.flags.includes('up')) return 'down';
  return link.carrier ? 'up' : 'no carrier';
}

const MAX_PROCESSES = 3;

/** Processes by name, the most frequent first: `nginx ×4, sshd`. */
export function describeProcesses(processes: readonly HostProcess[]): string {
  const counts = new Map<string, number>();
  for (const { name } of processes) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .map(([name, count]) => (count === 1 ? safe(name) : `${safe(name)} ×${count}`));
  const more = names.length - MAX_PROCESSES;
  return names.slice(0, MAX_PROCESSES).join(', ') + (more > 0 ? `, ${more} more` : '');
}
