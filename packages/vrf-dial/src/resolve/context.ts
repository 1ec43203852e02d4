import type { CheckedDns } from '../target/dns-options.js';

/** A socket that was born in a network. */
export interface ResolverSocket {
  /** Non-blocking; the caller owns it. */
  readonly fd: number;
  /** The network that it is in, read from the socket itself; compares with {@link ResolverContext.networkKey}. */
  readonly network: string;
}

/** The network in which names are resolved, as far as the resolver has to know it. */
export interface ResolverContext {
  /** How messages call it: `VRF 'red' (namespace 'ns-red')`. */
  readonly label: string;
  /** The name in `/etc/netns/<name>`; `undefined` where only the host's own files apply. */
  readonly etcName: string | undefined;
  /** What the caller wants otherwise than the files say. */
  readonly dns: CheckedDns;
  /**
   * What tells the network that the context means now, and the way into it, from every other one, and a namespace from
   * its successor under the same name: good for finding an answer, not for keeping one, since the reference may mean
   * another network by the time a socket is made. `undefined` while the namespace is not there.
   *
   * @param now `performance.now()`
   */
  networkKey(now: number): string | undefined;
  /**
   * Makes a non-blocking socket that is born in the network.
   *
   * @throws NetnsError; no file descriptor is left then
   */
  openSocket(family: 'ipv4' | 'ipv6', type: 'stream' | 'dgram'): ResolverSocket;
}

/** An address that a name stands for. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
  /** For how many more seconds it may be used; 0 where the server did not say. */
  readonly ttl: number;
}
