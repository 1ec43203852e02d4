import type { UnknownAttribute } from '../message/unknown-attribute.js';

/** Which families have such settings. */
export type NetconfFamily = 'ipv4' | 'ipv6' | 'mpls';

/**
 * Settings of a link for a family: what `ip netconf` shows, and `sysctl` below `net.ipv4.conf`, `net.ipv6.conf` and
 * `net.mpls.conf`. Each family has some of them. They are changed by `sysctl`.
 */
export interface Netconf {
  readonly family: NetconfFamily;
  /** Index of the link; `'default'` for what links begin with, `'all'` for what is said of all. */
  readonly ifindex: number | 'all' | 'default';
  /** Packets for others are forwarded. */
  readonly forwarding?: boolean;
  /**
   * IPv4: packets are dropped whose source could not be reached through the link they came in by (`strict`), or through
   * none (`loose`); RFC 3704.
   */
  readonly rpFilter?: 'off' | 'strict' | 'loose' | number;
  /** A daemon has the kernel forward multicast packets. */
  readonly multicastForwarding?: boolean;
  /** IPv4: ARP requests for others are answered; IPv6: neighbour solicitations. */
  readonly proxyNeigh?: boolean;
  /** Routes over links without a carrier are passed over. */
  readonly ignoreRoutesWithLinkdown?: boolean;
  /** IPv4: packets for the broadcast address of another network are forwarded. */
  readonly broadcastForwarding?: boolean;
  /** MPLS: packets with labels are accepted. */
  readonly input?: boolean;
  /** IPv6: packets for others are forwarded, whatever `forwarding` of `'all'` is; Linux 6.17 and later. */
  readonly forceForwarding?: boolean;
  /** Attributes that this package does not know. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}
