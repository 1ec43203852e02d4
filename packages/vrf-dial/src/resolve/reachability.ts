import { isIPv6 } from 'node:net';
import { sys } from 'netns-core/sys';
import type { ResolvedAddress, ResolverContext } from './context.js';
import { parseNameServer, socketAddress } from './name-server.js';

/**
 * Whether the network has a route to each address: connecting a datagram socket sends nothing and tells
 * (RFC 6724 rule 1). Addresses about which nothing can be found out are missing.
 */
export function reachability(
  context: ResolverContext,
  addresses: readonly ResolvedAddress[],
): ReadonlyMap<string, boolean> {
  const calls = sys();
  const reachable = new Map<string, boolean>();
  for (const family of [4, 6] as const) {
    const entries = addresses.filter((entry) => entry.family === family);
    if (entries.length === 0) continue;
    let fd: number;
    try {
      fd = context.openSocket(family === 4 ? 'ipv4' : 'ipv6', 'dgram');
    } catch {
      // No socket, no opinion: whoever connects will hear what is wrong.
      continue;
    }
    try {
      for (const { address } of entries) {
        // Any port: nothing is sent to it.
        const endpoint = parseNameServer(isIPv6(address) ? `[${address}]:9` : `${address}:9`);
        if (endpoint !== undefined) reachable.set(address, calls.connect(fd, socketAddress(endpoint, fd)) >= 0);
      }
    } catch {
      // A zone that does not exist.
    } finally {
      calls.close(fd);
    }
  }
  return reachable;
}
