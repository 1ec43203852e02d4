import type { Link } from '../link/link.js';
import type { LinkContext, LinkProvider } from './link-provider.js';
import {
  bridgeSpec,
  dummySpec,
  gretapSpec,
  type NamedLinkSpec,
  vethSpec,
  vxlanSpec,
  wireguardSpec,
} from './link-specs.js';

/** The link of this name, or alternative name. */
export function LPName(name: string): LinkProvider {
  return { name: 'LPName', provides: 'link', reference: name, provide: ({ netlink }) => netlink.linkByName(name) };
}

/** The link with this index. */
export function LPIndex(index: number): LinkProvider {
  return { name: 'LPIndex', provides: 'link', reference: index, provide: ({ netlink }) => netlink.linkByIndex(index) };
}

/** The link with this alias; of several the one with the lowest index. */
export function LPAlias(alias: string): LinkProvider {
  return { name: 'LPAlias', provides: 'link', provide: ({ netlink }) => netlink.linkByAlias(alias) };
}

/** A provider of one's own. */
export function LPGeneric(name: string, fn: (context: LinkContext) => Link | Promise<Link>): LinkProvider {
  return { name: name === '' ? 'unnamed-link-provider' : name, provides: 'link', provide: fn };
}

function making(name: string, spec: NamedLinkSpec): LinkProvider {
  return {
    name,
    provides: 'link',
    provide: async ({ netlink }) => {
      await netlink.linkAdd(spec);
      return netlink.linkByName(spec.name);
    },
  };
}

/** A new bridge. */
export function LPNewBridge(name: string): LinkProvider {
  return making('LPNewBridge', bridgeSpec(name));
}

/** A new veth pair; the link is the first of the two. */
export function LPNewVeth(name: string, peerName: string): LinkProvider {
  return making('LPNewVeth', vethSpec(name, peerName));
}

/** A new dummy link. */
export function LPNewDummy(name: string): LinkProvider {
  return making('LPNewDummy', dummySpec(name));
}

/** A new Ethernet-over-GRE tunnel between two addresses. */
export function LPNewGRETap(name: string, localIP: string, remoteIP: string): LinkProvider {
  return making('LPNewGRETap', gretapSpec(name, localIP, remoteIP));
}

/** A new WireGuard link; `LAWireguard` gives it keys and peers. */
export function LPNewWireguard(name: string): LinkProvider {
  return making('LPNewWireguard', wireguardSpec(name));
}

/** A new VXLAN link: source address, multicast group or other end, VXLAN network identifier, UDP port. */
export function LPNewVxlan(name: string, localIP: string, groupIP: string, id: number, port: number): LinkProvider {
  return making('LPNewVxlan', vxlanSpec(name, localIP, groupIP, id, port));
}
