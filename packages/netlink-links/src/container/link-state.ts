import type { Address } from '../address/address.js';
import type { Neighbour } from '../neighbour/neighbour.js';
import {
  addrAdd,
  addrDel,
  addrList,
  linkByName,
  linkSetDown,
  linkSetHardwareAddr,
  linkSetUp,
  neighAdd,
  neighList,
  routeAdd,
  routeDel,
  routeList,
} from '../netlink/here.js';
import type { Route } from '../route/route.js';
import { RT_TABLE_LOCAL } from '../uapi/route.js';
import { unlessGone } from './unless-gone.js';

/** All that a link loses when it is taken over: what a teardown has to put back. */
export interface LinkState {
  readonly name: string;
  readonly index: number;
  readonly hardwareAddr: string;
  readonly up: boolean;
  readonly addresses: readonly Address[];
  /** Of all tables but `local`, which is the kernel's own; also those where the link is one of several ways. */
  readonly routes: readonly Route[];
  /** Permanent ones. */
  readonly neighbours: readonly Neighbour[];
  /** When this was read, in milliseconds since 1970: addresses with a lifetime have got older since. */
  readonly readAt: number;
}

function routesOver(index: number): Route[] {
  return routeList({ table: 'all', oif: index }).filter(({ table }) => table !== RT_TABLE_LOCAL);
}

/** Temporary addresses of IPv6 are made by the kernel, with lifetimes of their own. */
function isTemporary({ family, flags }: Address): boolean {
  return family === 'ipv6' && flags.includes('secondary');
}

/** Reads a link of the caller's namespace. */
export function readLinkState(name: string): LinkState {
  const link = linkByName(name);
  return {
    name,
    index: link.index,
    hardwareAddr: link.hardwareAddr,
    up: link.flags.includes('up'),
    addresses: addrList(link.index).filter((address) => !isTemporary(address)),
    routes: routesOver(link.index),
    neighbours: neighList({ link: link.index }).filter(({ state }) => state === 'permanent'),
    readAt: Date.now(),
  };
}

const addressKey = ({ family, address, peer }: Address): string => `${family} ${address} ${peer ?? ''}`;

/** What makes a route this route; flags such as `linkdown` say how it is at the moment. */
function routeKey({ flags: _flags, expires: _expires, ...route }: Route): string {
  const { nexthops, ...rest } = route;
  return JSON.stringify([
    Object.entries(rest)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    nexthops?.map(({ gateway, oif, weight }) => ({ gateway, oif, weight })),
  ]);
}

/**
 * Does all of it, in whatever order works: a route may need another one first. What fails is tried again as long as
 * something else has succeeded in between.
 */
function inAnyOrder<T>(items: readonly T[], work: (item: T) => void): void {
  let waiting = [...items];
  while (waiting.length > 0) {
    let failure: unknown;
    const failed = waiting.filter((item) => {
      try {
        work(item);
        return false;
      } catch (error) {
        failure ??= error;
        return true;
      }
    });
    if (failed.length === waiting.length) throw failure;
    waiting = failed;
  }
}

const isExisting = (error: unknown): boolean => (error as { code?: unknown }).code === 'EEXIST';

function unlessThere(add: () => void): void {
  try {
    add();
  } catch (error) {
    if (!isExisting(error)) throw error;
  }
}

function withAge(address: Address, seconds: number): Address {
  const aged = (lifetime: number): number =>
    lifetime === Number.POSITIVE_INFINITY ? lifetime : Math.max(lifetime === 0 ? 0 : 1, Math.round(lifetime - seconds));
  return {
    ...address,
    validLifetime: aged(address.validLifetime),
    preferredLifetime: aged(address.preferredLifetime),
  };
}

/** Makes the addresses of a link what they were; those that it has and had stay untouched. */
function restoreAddresses(state: LinkState): void {
  const before = new Set(state.addresses.map(addressKey));
  for (const address of addrList(state.index))
    if (!before.has(addressKey(address)) && !isTemporary(address)) unlessGone(() => addrDel(state.index, address));
  const now = new Set(addrList(state.index).map(addressKey));
  const age = (Date.now() - state.readAt) / 1000;
  // The kernel puts a new address of IPv6 before the others, one of IPv4 behind them.
  const inOrder = [
    ...state.addresses.filter(({ family }) => family === 'ipv4'),
    ...state.addresses.filter(({ family }) => family === 'ipv6').reverse(),
  ];
  // Between the two the kernel may have made it itself, the link-local one of IPv6.
  for (const address of inOrder)
    if (!now.has(addressKey(address))) unlessThere(() => addrAdd(state.index, withAge(address, age)));
}

function restoreRoutes(state: LinkState): void {
  const before = new Set(state.routes.map(routeKey));
  for (const route of routesOver(state.index))
    if (!before.has(routeKey(route)) && route.nexthops === undefined) unlessGone(() => routeDel(route));
  const now = new Set(routesOver(state.index).map(routeKey));
  const missing = state.routes.filter((route) => !now.has(routeKey(route)));
  inAnyOrder(missing, (route) => {
    const { flags, ...rest } = route;
    unlessThere(() => routeAdd({ ...rest, flags: flags.filter((flag) => flag === 'onlink' || flag === 'pervasive') }));
  });
}

/**
 * Makes a link of the caller's namespace what it was, whatever has become of it: hardware address, addresses, routes,
 * permanent neighbours, up or down. It must not belong to a bridge any more.
 */
export function restoreLinkState(state: LinkState): void {
  const link = linkByName(state.name);
  if (link.hardwareAddr !== state.hardwareAddr) {
    linkSetDown(link);
    linkSetHardwareAddr(link, state.hardwareAddr);
  }
  if (state.up) linkSetUp(link);
  else linkSetDown(link);
  restoreAddresses(state);
  restoreRoutes(state);
  for (const neighbour of state.neighbours) unlessThere(() => neighAdd(neighbour));
}
