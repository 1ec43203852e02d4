import { isIPv6 } from 'node:net';
import { parseNameServer } from 'netns-core/etc';
import { sys } from 'netns-core/sys';
import type { ResolvedAddress, ResolverContext } from './context.js';
import { socketAddress } from './name-server-address.js';

/** How long a route is taken to be there, or not, in milliseconds. */
const MAX_AGE = 1000;
const MAX_ENTRIES = 256;

/** Whether a network has routes to addresses, found out without sending anything and remembered for a second. */
export class RouteCheck {
  readonly #context: ResolverContext;
  readonly #known = new Map<string, { readonly routed: boolean; readonly until: number }>();
  #network: string | undefined;

  constructor(context: ResolverContext) {
    this.#context = context;
  }

  /**
   * The addresses to which there is no route: connecting a datagram socket tells (RFC 6724 rule 1). Those about which
   * nothing can be found out are taken to have one.
   */
  without(addresses: readonly ResolvedAddress[]): ReadonlySet<string> {
    const now = performance.now();
    const network = this.#context.networkKey(now);
    if (network !== this.#network) {
      this.#network = network;
      this.#known.clear();
    }
    const unrouted = new Set<string>();
    const open: ResolvedAddress[] = [];
    for (const entry of addresses) {
      const known = this.#known.get(entry.address);
      if (known === undefined || known.until <= now) open.push(entry);
      else if (!known.routed) unrouted.add(entry.address);
    }
    for (const family of [4, 6] as const) {
      const entries = open.filter((entry) => entry.family === family);
      for (const [address, routed] of this.#connect(family, entries)) {
        if (this.#known.size >= MAX_ENTRIES) this.#known.clear();
        this.#known.set(address, { routed, until: now + MAX_AGE });
        if (!routed) unrouted.add(address);
      }
    }
    return unrouted;
  }

  #connect(family: 4 | 6, entries: readonly ResolvedAddress[]): [string, boolean][] {
    const results: [string, boolean][] = [];
    if (entries.length === 0) return results;
    const calls = sys();
    let fd: number;
    try {
      fd = this.#context.openSocket(family === 4 ? 'ipv4' : 'ipv6', 'dgram').fd;
    } catch {
      // No socket, no opinion: connecting will tell what is wrong.
      return results;
    }
    try {
      for (const { address } of entries) {
        // Any port: nothing is sent to it.
        const endpoint = parseNameServer(isIPv6(address) ? `[${address}]:9` : `${address}:9`);
        if (endpoint !== undefined) results.push([address, calls.connect(fd, socketAddress(endpoint, fd)) >= 0]);
      }
    } catch {
      // A zone that does not exist.
    } finally {
      calls.close(fd);
    }
    return results;
  }
}
