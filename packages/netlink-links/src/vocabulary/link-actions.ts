import type { linkSetPort } from '../link/port.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { RouteSpec } from '../route/spec.js';
import { hideKeys } from '../wireguard/secrets.js';
import type { WireguardSettings } from '../wireguard/settings.js';
import { type LinkAction, linkAction, type WithProvider } from './link-action.js';
import { isLinkProvider, type LinkContext, type LinkProvider, referenceOf, referTo } from './link-provider.js';
import {
  bridgeSpec,
  dummySpec,
  gretapSpec,
  type NamedLinkSpec,
  vethSpec,
  vxlanSpec,
  wireguardSpec,
} from './link-specs.js';
import { noLinkProvider } from './misplaced.js';

/** Renames the link; some kernels want it to be down for that. */
export function LASetName(...args: WithProvider<[name: string]>): LinkAction {
  return linkAction('LASetName', args, 1, ({ netlink }, link, name) => netlink.linkSetName(link, name));
}

/** Sets the link's alias, a text for people. */
export function LASetAlias(...args: WithProvider<[alias: string]>): LinkAction {
  return linkAction('LASetAlias', args, 1, ({ netlink }, link, alias) => netlink.linkSetAlias(link, alias));
}

/** Sets the link's hardware address, `'02:65:02:00:00:01'`. */
export function LASetHw(...args: WithProvider<[address: string]>): LinkAction {
  return linkAction('LASetHw', args, 1, ({ netlink }, link, address) => netlink.linkSetHardwareAddr(link, address));
}

/** Sets the link up. */
export function LASetUp(...args: WithProvider<[]>): LinkAction {
  return linkAction('LASetUp', args, 0, ({ netlink }, link) => netlink.linkSetUp(link));
}

/** Sets the link down. */
export function LASetDown(...args: WithProvider<[]>): LinkAction {
  return linkAction('LASetDown', args, 0, ({ netlink }, link) => netlink.linkSetDown(link));
}

/** Makes the link take packets that are not for it. */
export function LASetPromiscOn(...args: WithProvider<[]>): LinkAction {
  return linkAction('LASetPromiscOn', args, 0, ({ netlink }, link) => netlink.setPromiscOn(link));
}

/** Makes the link take its own packets only. */
export function LASetPromiscOff(...args: WithProvider<[]>): LinkAction {
  return linkAction('LASetPromiscOff', args, 0, ({ netlink }, link) => netlink.setPromiscOff(link));
}

/** Adds an address, `'192.0.2.1/24'`. */
export function LAAddAddr(...args: WithProvider<[cidr: string]>): LinkAction {
  return linkAction('LAAddAddr', args, 1, ({ netlink }, link, cidr) => netlink.addrAdd(link, cidr));
}

/** Removes an address. */
export function LADelAddr(...args: WithProvider<[cidr: string]>): LinkAction {
  return linkAction('LADelAddr', args, 1, ({ netlink }, link, cidr) => netlink.addrDel(link, cidr));
}

/** A route out of the link: its destination and gateway, or all that netlink-links knows of routes. */
export type LinkRoute = [destination: string, gateway?: string] | [route: Omit<RouteSpec, 'oif' | 'nexthops'>];

function routeOf(link: LinkReference, [first, gateway]: LinkRoute): RouteSpec {
  if (typeof first !== 'string') return { ...first, oif: link };
  return { dst: first, oif: link, ...(gateway === undefined ? {} : { gateway }) };
}

/** Adds a route out of the link: `LAAddRoute('default', '192.0.2.254')`, `LAAddRoute('198.51.100.0/24')`, or an object. */
export function LAAddRoute(...args: WithProvider<LinkRoute>): LinkAction {
  return linkAction<LinkRoute>('LAAddRoute', args, 2, ({ netlink }, link, ...route) =>
    netlink.routeAdd(routeOf(link, route)),
  );
}

/** Removes a route out of the link. */
export function LADelRoute(...args: WithProvider<LinkRoute>): LinkAction {
  return linkAction<LinkRoute>('LADelRoute', args, 2, ({ netlink }, link, ...route) =>
    netlink.routeDel(routeOf(link, route)),
  );
}

/** Sets the largest packet, bytes. */
export function LASetMTU(...args: WithProvider<[mtu: number]>): LinkAction {
  return linkAction('LASetMTU', args, 1, ({ netlink }, link, mtu) => netlink.linkSetMTU(link, mtu));
}

/** What a link is enslaved to: its name or index, or a provider of it. */
export type Master = LinkProvider | string | number;

/** Enslaves the link to a bridge or another master: `LASetMaster(LPName('v0'), 'br0')`; within `LinkDo`, `LASetMaster('br0')`. */
export function LASetMaster(provider: LinkProvider, master: Master): LinkAction;
export function LASetMaster(master: Master): LinkAction;
export function LASetMaster(first: Master, second?: Master): LinkAction {
  return {
    name: 'LASetMaster',
    do: async (context) => {
      // Of two providers the first is the link; a single one is the master.
      const provider = second !== undefined && isLinkProvider(first) ? first : undefined;
      if (second !== undefined && provider === undefined) throw noLinkProvider('LASetMaster', first);
      const master = second ?? first;
      const link = await referenceOf(provider, context);
      await context.netlink.linkSetMaster(link, isLinkProvider(master) ? await referTo(master, context) : master);
    },
  };
}

/** Deletes the link. */
export function LADelete(...args: WithProvider<[]>): LinkAction {
  return linkAction('LADelete', args, 0, ({ netlink }, link) => netlink.linkDel(link));
}

/** What a link is as a port of its bridge or bond. `type` is needed only where the settings do not tell which of the two. */
export type PortOptions = Parameters<typeof linkSetPort>[1];

/** Sets what the link is as a port of its bridge or bond: `LASetPort({ hairpin: true })`; what is left out stays. */
export function LASetPort(...args: WithProvider<[settings: PortOptions]>): LinkAction {
  return linkAction('LASetPort', args, 1, ({ netlink }, link, settings) => netlink.linkSetPort(link, settings));
}

/**
 * Sets keys, settings and peers of a WireGuard link; what is left out stays as it is. No error contains a key.
 *
 * ```ts
 * LAWireguard({ privateKey, listenPort: 51820, peers: [{ publicKey, allowedIPs: ['198.51.100.2/32'] }] })
 * ```
 */
export function LAWireguard(...args: WithProvider<[settings: WireguardSettings]>): LinkAction {
  const { name, do: act } = linkAction<[settings: WireguardSettings]>(
    'LAWireguard',
    args,
    1,
    ({ netlink }, link, settings) => netlink.wireguardSet(link, settings),
  );
  return {
    name,
    do: (context) =>
      act(context).catch((error: unknown) => {
        throw hideKeys(error);
      }),
  };
}

/** An action of one's own. Within `LinkDo`, `context.link` is the link. */
export function LAGeneric<T>(name: string, fn: (context: LinkContext) => T | Promise<T>): LinkAction<T> {
  return { name: name === '' ? 'unnamed-link-action' : name, do: async (context) => fn(context) };
}

function making(name: string, spec: NamedLinkSpec): LinkAction {
  return { name, do: ({ netlink }) => netlink.linkAdd(spec) };
}

/** Makes a bridge. */
export function LANewBridge(name: string): LinkAction {
  return making('LANewBridge', bridgeSpec(name));
}

/** Makes a veth pair. */
export function LANewVeth(name: string, peerName: string): LinkAction {
  return making('LANewVeth', vethSpec(name, peerName));
}

/** Makes a dummy link. */
export function LANewDummy(name: string): LinkAction {
  return making('LANewDummy', dummySpec(name));
}

/** Makes an Ethernet-over-GRE tunnel between two addresses. */
export function LANewGRETap(name: string, localIP: string, remoteIP: string): LinkAction {
  return making('LANewGRETap', gretapSpec(name, localIP, remoteIP));
}

/** Makes a WireGuard link; `LAWireguard` gives it keys and peers. */
export function LANewWireguard(name: string): LinkAction {
  return making('LANewWireguard', wireguardSpec(name));
}

/** Makes a VXLAN link: source address, multicast group or other end, VXLAN network identifier, UDP port. */
export function LANewVxlan(name: string, localIP: string, groupIP: string, id: number, port: number): LinkAction {
  return making('LANewVxlan', vxlanSpec(name, localIP, groupIP, id, port));
}
