import { ADDRCONFIG, ALL, type LookupAddress, type LookupOptions, V4MAPPED } from 'node:dns';
import { isIP } from 'node:net';
import type { SocketOptions } from 'netns-core';
import { InvalidOptionError } from 'netns-core';
import { checkOptionsObject, onAbort, shown } from 'netns-core/checks';
import { Cancellation } from '../cancellation.js';
import { type Checked, checkGroup, optionNames, refuseUnknownOptions } from '../options/option-group.js';
import { abortSignal, boolean, oneOf } from '../options/value-checks.js';
import { ORDERS } from '../target/dns-options.js';
import { SOCKET_OPTIONS } from '../target/socket-options.js';
import { type ResolvedTarget, resolveTarget, type VrfTarget } from '../target/target.js';
import { TARGET_OPTIONS } from '../target/target-options.js';
import { NameResolutionError } from './errors.js';
import type { WantedFamily } from './families.js';
import { HostResolver } from './host-resolver.js';
import { resultOrder } from './result-order.js';
import { RouteCheck } from './route-check.js';
import { targetContext } from './target-context.js';
import { whenThere } from './when-there.js';

/** The result of a lookup: an address and its family, or with `all` a list of them. */
export type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** `dns.lookup`'s options, and a signal that ends the lookup and closes its sockets. */
export interface VrfLookupOptions extends Omit<LookupOptions, 'order'> {
  order?: 'ipv4first' | 'ipv6first' | 'verbatim' | undefined;
  signal?: AbortSignal | undefined;
}

/** Options of a lookup that gives one address. */
export interface VrfLookupOneOptions extends VrfLookupOptions {
  all?: false | undefined;
}

/** Options of a lookup that gives all addresses. */
export interface VrfLookupAllOptions extends VrfLookupOptions {
  all: true;
}

type OneAddressCallback = (error: NodeJS.ErrnoException | null, address: string, family: number) => void;
type AllAddressesCallback = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** A function with the overloads of `dns.lookup`, for any library that takes one. */
export interface VrfLookup {
  (hostname: string, family: number, callback: OneAddressCallback): void;
  (hostname: string, options: VrfLookupOneOptions, callback: OneAddressCallback): void;
  (hostname: string, options: VrfLookupAllOptions, callback: AllAddressesCallback): void;
  (hostname: string, options: VrfLookupOptions | number, callback: LookupCallback): void;
  (hostname: string, callback: OneAddressCallback): void;
}

/**
 * Makes a function that resolves names in a VRF, a namespace or over an interface, for options called `lookup`
 * everywhere: `net.connect`, `http.request`, undici's interceptors, database clients. It takes and gives what
 * `dns.lookup` does: `all`, `family`, `hints`, `order`, `verbatim`; the callback is never called before it returns.
 * Errors are {@link NameResolutionError} with the codes of `dns.lookup`, or NetnsError where the namespace cannot be
 * entered.
 *
 * A library that opens its sockets at home connects from there, whatever the names resolve to.
 *
 * @throws InvalidOptionError for a target that cannot be right
 */
export function createVrfLookup(target: VrfTarget & SocketOptions): VrfLookup {
  return lookupIn(checkLookupTarget(target, 'createVrfLookup'));
}

const TARGET_NAMES = optionNames([TARGET_OPTIONS, SOCKET_OPTIONS]);

/** Checks the options of a callee that takes a target and nothing else. */
export function checkLookupTarget(target: VrfTarget & SocketOptions, callee: string): ResolvedTarget {
  checkOptionsObject(target, callee);
  refuseUnknownOptions(target, callee, TARGET_NAMES);
  return resolveTarget(target, callee);
}

/** As {@link createVrfLookup}, for a target that has been checked. */
export function lookupIn(checked: ResolvedTarget): VrfLookup {
  const context = targetContext(checked);
  const resolver = new HostResolver(context);
  const routes = new RouteCheck(context);
  const lookup = (hostname: string, given: VrfLookupOptions | number | LookupCallback, last?: LookupCallback): void => {
    const callback = typeof given === 'function' ? given : last;
    if (typeof callback !== 'function')
      throw new InvalidOptionError('callback', `lookup takes a callback as its last argument, not ${shown(callback)}`);
    const options = checkLookupOptions(given);
    const family = options.family ?? 0;
    if (typeof hostname !== 'string' || hostname === '') {
      // As dns.lookup does: no name, no address, no error.
      if (hostname) throw new InvalidOptionError('hostname', `lookup takes a host name, not ${shown(hostname)}`);
      process.nextTick(callback, null, options.all ? [] : null, family === 6 ? 6 : 4);
      return;
    }
    lookUpWhenThere(checked, routes, resolver, hostname, family, options)
      .then(
        (addresses) => {
          const [first] = addresses;
          if (options.all) callback(null, addresses);
          else callback(null, first?.address ?? '', first?.family ?? 4);
        },
        (error: NodeJS.ErrnoException) => callback(error, options.all ? [] : '', 0),
      )
      .catch(throwLater);
  };
  return lookup as VrfLookup;
}

/** What a caller's callback throws is not caught here: it ends the process as it does from `dns.lookup`. */
function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

/** Waits for a namespace that is not there, as long as the target allows. */
async function lookUpWhenThere(
  target: ResolvedTarget,
  routes: RouteCheck,
  resolver: HostResolver,
  hostname: string,
  family: WantedFamily,
  options: CheckedLookupOptions,
): Promise<LookupAddress[]> {
  const attempt = (): Promise<LookupAddress[]> => lookUp(target, routes, resolver, hostname, family, options);
  if (target.waitForNamespace === 0) return attempt();
  const cancellation = new Cancellation();
  const { signal } = options;
  signal?.throwIfAborted();
  const withdraw = signal === undefined ? undefined : onAbort(signal, () => cancellation.cancel(signal.reason));
  try {
    return await whenThere(target, cancellation, attempt);
  } finally {
    withdraw?.();
  }
}

async function lookUp(
  { label, dns }: ResolvedTarget,
  routes: RouteCheck,
  resolver: HostResolver,
  hostname: string,
  family: WantedFamily,
  { hints = 0, order, verbatim, signal }: CheckedLookupOptions,
): Promise<LookupAddress[]> {
  const literal = isIP(hostname);
  // Also where the other family is wanted, as dns.lookup does.
  if (literal !== 0) return [{ address: hostname, family: literal }];
  const mapped = family === 6 && (hints & V4MAPPED) !== 0;
  const wanted = mapped ? 0 : family;
  let found = await resolver.resolve(hostname, { family: wanted, signal });
  if ((hints & ADDRCONFIG) !== 0) {
    const unrouted = routes.without(found);
    const families = new Set(found.filter(({ address }) => !unrouted.has(address)).map((entry) => entry.family));
    found = found.filter((entry) => families.has(entry.family));
    if (found.length === 0)
      throw new NameResolutionError('ENOTFOUND', hostname, `there is no route to its addresses in ${label}`);
  }
  // What cannot be reached comes last, so that a caller who takes one address gets one of use. IPv6 comes first
  // otherwise, so it is the only one to ask about.
  if (found.some((entry) => entry.family === 4) && found.some((entry) => entry.family === 6)) {
    const unrouted = routes.without(found.filter((entry) => entry.family === 6));
    if (unrouted.size > 0)
      found = [
        ...found.filter(({ address }) => !unrouted.has(address)),
        ...found.filter(({ address }) => unrouted.has(address)),
      ];
  }
  let addresses = found.map(({ address, family: of }) => ({ address, family: of as number }));
  if (mapped) {
    const ipv6 = addresses.filter((entry) => entry.family === 6);
    const ipv4 = addresses
      .filter((entry) => entry.family === 4)
      .map(({ address }) => ({ address: `::ffff:${address}`, family: 6 }));
    addresses = ipv6.length === 0 ? ipv4 : (hints & ALL) !== 0 ? [...ipv6, ...ipv4] : ipv6;
  }
  const sorting = order ?? (verbatim === undefined ? resultOrder(dns) : verbatim ? 'verbatim' : 'ipv4first');
  if (sorting === 'ipv4first') addresses.sort((a, b) => a.family - b.family);
  else if (sorting === 'ipv6first') addresses.sort((a, b) => b.family - a.family);
  return addresses;
}

const HINTS = ADDRCONFIG | ALL | V4MAPPED;

/** What `dns.lookup` checks of its options. */
const LOOKUP_OPTIONS = {
  family: { check: wantedFamily },
  hints: { check: wantedHints },
  all: { check: boolean },
  order: { check: oneOf(...ORDERS) },
  verbatim: { check: boolean },
  signal: { check: abortSignal },
} as const;

type CheckedLookupOptions = Readonly<Checked<typeof LOOKUP_OPTIONS>>;

/**
 * Refuses what `dns.lookup` refuses. Options of other names are left alone, as there: libraries pass those of their
 * connections along, and null where they have nothing to say.
 *
 * @throws InvalidOptionError
 */
function checkLookupOptions(given: unknown): CheckedLookupOptions {
  if (given === undefined || given === null || typeof given === 'function') return {};
  if (typeof given === 'number') return { family: wantedFamily('family', given) };
  if (typeof given !== 'object')
    throw new InvalidOptionError('options', `lookup takes options or a family, not ${shown(given)}`);
  const entries = Object.keys(LOOKUP_OPTIONS).map((name) => [
    name,
    (given as Record<string, unknown>)[name] ?? undefined,
  ]);
  return checkGroup(Object.fromEntries(entries), LOOKUP_OPTIONS);
}

function wantedFamily(option: string, family: unknown): WantedFamily {
  if (family === 0) return 0;
  if (family === 4 || family === 'IPv4') return 4;
  if (family === 6 || family === 'IPv6') return 6;
  throw new InvalidOptionError(option, `${option} must be 0, 4, 6, 'IPv4' or 'IPv6', not ${shown(family)}`);
}

function wantedHints(option: string, hints: unknown): number {
  if (typeof hints === 'number' && (hints & ~HINTS) === 0) return hints;
  throw new InvalidOptionError(
    option,
    `${option} must be made of dns.ADDRCONFIG, dns.V4MAPPED and dns.ALL, not ${shown(hints)}`,
  );
}
