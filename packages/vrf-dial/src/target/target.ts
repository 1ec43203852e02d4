import type { NamespaceRef, SocketOptions, SocketSource } from 'netns-core';
import { checkOptionsObject, checkRuntime } from 'netns-core/checks';
import { checkGroup } from '../options/option-group.js';
import type { CheckedDns } from './dns-options.js';
import { type Place, placeOf } from './place.js';
import { SOCKET_OPTIONS } from './socket-options.js';
import { TARGET_OPTIONS } from './target-options.js';

/** How host names are resolved in a target. What is not said is as the files of the namespace say. */
export interface VrfDnsOptions {
  /**
   * Name servers, `'192.0.2.53'`, `'192.0.2.53:5353'`, `'[2001:db8::53]:5353'`, instead of those of `resolv.conf`;
   * `'tls://192.0.2.53#dns.example'` over TLS, `'https://192.0.2.53/dns-query#dns.example'` over HTTPS, with the name in the
   * server's certificate.
   *
   * @default the servers of `resolv.conf`
   */
  servers?: readonly string[] | undefined;
  /**
   * Search domains.
   *
   * @default those of `resolv.conf`
   */
  search?: readonly string[] | undefined;
  /**
   * Whether `/etc/netns/<name>/hosts` or `/etc/hosts` is looked at.
   *
   * @default true
   */
  hosts?: boolean | undefined;
  /**
   * `false` asks the server each time; an object bounds the cache, TTLs in seconds.
   *
   * @default true
   */
  cache?:
    | boolean
    | { maxEntries?: number | undefined; maxTtl?: number | undefined; maxNegativeTtl?: number | undefined }
    | undefined;
  /**
   * Milliseconds to wait for one answer of one server.
   *
   * @default `timeout` of `resolv.conf`, or 5000
   */
  timeout?: number | undefined;
  /**
   * How often the list of servers is gone through.
   *
   * @default `attempts` of `resolv.conf`, or 2
   */
  attempts?: number | undefined;
  /**
   * A name with this many dots is tried as it is before the search list.
   *
   * @default `ndots` of `resolv.conf`, or 1
   */
  ndots?: number | undefined;
  /**
   * Whether lookups take turns in which server they ask first.
   *
   * @default whether `resolv.conf` says `rotate`
   */
  rotate?: boolean | undefined;
  /**
   * Whether every question goes over TCP.
   *
   * @default whether `resolv.conf` says `use-vc`
   */
  tcp?: boolean | undefined;
  /**
   * Whether the questions for IPv4 and IPv6 addresses go over sockets of their own.
   *
   * @default whether `resolv.conf` says `single-request` or `single-request-reopen`
   */
  singleRequest?: boolean | undefined;
  /**
   * Whether servers are never asked for IPv6 addresses.
   *
   * @default whether `resolv.conf` says `no-aaaa`
   */
  noAaaa?: boolean | undefined;
  /**
   * Certificates, in PEM, of the authorities that servers over TLS and HTTPS must have theirs from.
   *
   * @default those that Node trusts
   */
  ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /**
   * Which family comes first, in lookups and among the addresses that connections try: `'ipv4first'`, `'ipv6first'`, or
   * with `'verbatim'` IPv6; in the result of a lookup, that keeps the order of the hosts file for the names that are there,
   * and puts IPv6 addresses without a route last. A lookup's own `order` comes before it.
   *
   * @default `dns.getDefaultResultOrder()`: what `dns.setDefaultResultOrder` or `--dns-result-order` said, or `'verbatim'`
   */
  order?: 'ipv4first' | 'ipv6first' | 'verbatim' | undefined;
}

/**
 * Where sockets are made. It must name something: `vrf`, `namespace` or `interface`. The caller's own namespace is said
 * by `namespace: ''`.
 */
export interface VrfTarget {
  /** A VRF: always the network namespace `ns-<vrf>`, as EOS and goarista name it, never a device. Not with `namespace`. */
  vrf?: string | undefined;
  /** A network namespace in any way that netns-core can refer to one. Not with `vrf`. */
  namespace?: NamespaceRef | undefined;
  /** A device inside the namespace, the kernel's VRF device or an ordinary one: sockets are bound to it. */
  interface?: string | undefined;
  /**
   * What makes the sockets: `hopSource`, or what `connectBroker` returned.
   *
   * @default the source of the process, see `useSocketSource`
   */
  source?: SocketSource | undefined;
  /** How long to wait for a namespace that is not there, in milliseconds; 0, the default, fails at once. */
  waitForNamespace?: number | undefined;
  /** What becomes of an agent's running requests when its namespace is replaced: they may finish (`'drain'`, the default), or not. */
  onReplaced?: 'drain' | 'abort' | undefined;
  /** How host names are resolved there. */
  dns?: VrfDnsOptions | undefined;
}

/** A target whose options have been checked. Nothing in it is open, and it holds no namespace alive. */
export interface ResolvedTarget extends Place {
  /** Whether the reference can come to mean another namespace: a name, a path or a process can, a handle cannot. */
  readonly replaceable: boolean;
  /** What `openSocket` sets on every socket, `interface` included. */
  readonly socketOptions: Readonly<SocketOptions>;
  /** `undefined` is that of the process, see `sourceOf`. */
  readonly source: SocketSource | undefined;
  readonly waitForNamespace: number;
  readonly onReplaced: 'drain' | 'abort';
  readonly dns: CheckedDns;
}

/**
 * Checks the options of a target; opens nothing, so a missing namespace is found later.
 *
 * @param options the caller's; what is not a {@link VrfTarget} or a `SocketOptions` is left alone
 * @param callee what takes the options, for messages
 * @throws InvalidOptionError, InvalidNameError with the option's name
 */
export function resolveTarget(options: VrfTarget & SocketOptions, callee = 'a target'): ResolvedTarget {
  // Also where nothing of ours is called later: another runtime's undici does not know what a dispatcher is.
  checkRuntime();
  checkOptionsObject(options, callee);
  const place = placeOf(options, callee);
  const { source, waitForNamespace = 0, onReplaced = 'drain', dns = {} } = checkGroup(options, TARGET_OPTIONS);
  return Object.freeze({
    ...place,
    replaceable: place.watched !== undefined || isFileReference(place.namespace),
    socketOptions: checkGroup(options, SOCKET_OPTIONS),
    source,
    waitForNamespace,
    onReplaced,
    dns,
  });
}

function isFileReference(ref: NamespaceRef): boolean {
  return typeof ref === 'object' && !('isOpen' in ref) && ('path' in ref || 'pid' in ref);
}
