import { InvalidOptionError } from 'netns-core';
import { checkInteger, shown } from 'netns-core/checks';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { isHardwareAddress, parseHardwareAddress } from '../message/hardware-address.js';
import { formatIp, parseIpAddress } from '../message/ip-address.js';
import { checkUnknown } from '../message/unknown-attribute.js';
import { checkLinkOf } from '../operation/link-reference.js';
import { routeProtocols } from '../route/numbers.js';
import {
  NTF_EXT_MANAGED,
  NTF_MASTER,
  NTF_PROXY,
  NTF_SELF,
  NTF_USE,
  NUD_NONE,
  NUD_PERMANENT,
} from '../uapi/neighbour.js';
import type { Neighbour, NeighbourFamily } from './neighbour.js';
import { neighbourFlagBits, neighbourStates } from './numbers.js';
import type { NeighbourSpec } from './spec.js';

/** The properties of a neighbour, with what `ip neighbour` and `bridge fdb` call them. */
const PROPERTIES = propertiesOf<NeighbourSpec, Neighbour>(
  {
    family: 'set',
    dst: 'set',
    lladdr: 'set',
    ifindex: 'set',
    link: 'set',
    state: 'set',
    flags: 'set',
    vlan: 'set',
    vni: 'set',
    sourceVni: 'set',
    port: 'set',
    viaIndex: 'set',
    protocol: 'set',
    nexthopId: 'set',
    masterIndex: 'set',
    unknown: 'set',
    linkNetnsId: 'told',
    probes: 'told',
    age: 'told',
  },
  {
    to: 'dst',
    ip: 'dst',
    address: 'dst',
    remote: 'dst',
    mac: 'lladdr',
    hardwareaddr: 'lladdr',
    dev: 'link',
    interface: 'link',
    oif: 'link',
    via: 'viaIndex',
    nud: 'state',
    src_vni: 'sourceVni',
    nhid: 'nexthopId',
    proto: 'protocol',
    proxy: 'flags',
    router: 'flags',
    managed: 'flags',
    use: 'flags',
    self: 'flags',
    master: 'flags',
    vid: 'vlan',
  },
);

const FAMILIES: readonly NeighbourFamily[] = ['ipv4', 'ipv6', 'bridge'];

/** Flags with which the kernel finds the link layer address itself. */
const RESOLVING = NTF_USE | NTF_EXT_MANAGED;

/** A spec whose values were checked; what is missing here is as it is in the spec. */
export interface CheckedNeighbour {
  readonly spec: NeighbourSpec;
  readonly family: NeighbourFamily;
  readonly link: string | number;
  readonly dst: Uint8Array | undefined;
  /** '' for an entry that was read without one is left out. */
  readonly lladdr: string | undefined;
  readonly state: number;
  readonly flags: number;
  readonly protocol: number | undefined;
  /** How it reads in an error: `'proxy neighbour 192.0.2.1 on eth0'`. */
  readonly description: string;
  readonly target: string;
}

function refuse(property: string, message: string): never {
  throw new InvalidOptionError(property, message);
}

/** Checks one of the families that have neighbours; `undefined` passes. @throws InvalidOptionError */
export function checkNeighbourFamily(family: unknown): void {
  if (family !== undefined && !FAMILIES.includes(family as NeighbourFamily))
    throw mustBe('family', `one of ${FAMILIES.join(', ')}`, family);
}

function flagsOf(spec: NeighbourSpec, family: NeighbourFamily): number {
  checkArray('flags', spec.flags, 'flags of a neighbour');
  const flags = neighbourFlagBits(spec.flags ?? []);
  if (flags === undefined)
    refuse(
      'flags',
      `flags has what is neither a flag of a neighbour nor a number of 32 bits: [${spec.flags?.map(shown).join(', ')}]`,
    );
  // An entry that was read from a bridge's database names the bridge; one of the link's own does not, or is a bridge's.
  if (family === 'bridge' && (flags & (NTF_SELF | NTF_MASTER)) === 0) {
    const isOwn = spec.masterIndex === undefined || spec.masterIndex === spec.ifindex;
    return flags | (isOwn ? NTF_SELF : NTF_MASTER);
  }
  return flags;
}

/** What only entries of a forwarding database have. */
const OF_FORWARDING = ['vlan', 'vni', 'sourceVni', 'port', 'viaIndex', 'nexthopId'] as const;
/** What entries of a bridge's own forwarding database do not have. */
const NOT_OF_BRIDGE = ['vni', 'sourceVni', 'port', 'viaIndex', 'nexthopId', 'dst'] as const;

/** Refuses what the kernel would ignore. */
function checkApplies(spec: NeighbourSpec, family: NeighbourFamily, flags: number): void {
  if (family !== 'bridge') {
    for (const property of OF_FORWARDING)
      if (spec[property] !== undefined)
        refuse(property, `${property} is for entries of a forwarding database, which have \`family: 'bridge'\``);
  } else if ((flags & NTF_SELF) === 0)
    for (const property of NOT_OF_BRIDGE)
      if (spec[property] !== undefined)
        refuse(
          property,
          `${property} is for entries of a VXLAN, which have 'self' in \`flags\`: those of a bridge have none`,
        );
}

/**
 * Checks a neighbour before anything is sent.
 *
 * @param removing less is needed then
 * @param onlyBridge whether it must be an entry of a forwarding database
 * @throws InvalidOptionError
 */
export function checkNeighbour(
  callee: string,
  spec: NeighbourSpec,
  { removing, onlyBridge }: { readonly removing: boolean; readonly onlyBridge: boolean },
): CheckedNeighbour {
  checkProperties(spec, callee, PROPERTIES);
  checkNeighbourFamily(spec.family);
  const dst = spec.dst === undefined ? undefined : parseIpAddress(spec.dst, 'dst');
  const family = spec.family ?? (dst === undefined ? undefined : dst.length === 4 ? 'ipv4' : 'ipv6');
  if (family === undefined)
    refuse('dst', "a neighbour needs `dst`, its IP address; for an entry of a forwarding database, `family: 'bridge'`");
  if (family !== 'bridge') {
    if (onlyBridge) refuse('family', `${callee} is for forwarding databases: it needs \`family: 'bridge'\``);
    if (dst === undefined) refuse('dst', 'a neighbour needs `dst`, its IP address');
    if ((dst.length === 4) !== (family === 'ipv4')) throw mustBe('dst', `an ${family} address`, spec.dst);
  }
  // One that was read without an address has '' there.
  const lladdr = spec.lladdr === '' ? undefined : spec.lladdr;
  if (lladdr !== undefined && (family === 'bridge' || !isHardwareAddress(lladdr)))
    parseHardwareAddress(lladdr, undefined, 'lladdr');
  const flags = flagsOf(spec, family);
  if (family === 'bridge') {
    if (spec.lladdr === undefined)
      refuse('lladdr', 'an entry of a forwarding database needs `lladdr`, the address that it is for');
  } else if (spec.lladdr === undefined && !removing && (flags & (NTF_PROXY | RESOLVING)) === 0)
    refuse(
      'lladdr',
      `neighbour ${spec.dst} needs \`lladdr\`, its link layer address, or one of the flags 'proxy', 'managed' and 'use'`,
    );
  checkApplies(spec, family, flags);
  const { link, shown: place } = checkLinkOf('a neighbour', spec);
  checkInteger('vlan', spec.vlan, 0, 4094);
  checkInteger('vni', spec.vni, 0, 0xffffff);
  checkInteger('sourceVni', spec.sourceVni, 0, 0xffffff);
  checkInteger('port', spec.port, 0, 0xffff);
  checkInteger('nexthopId', spec.nexthopId, 1, 0xffffffff);
  checkInteger('viaIndex', spec.viaIndex, 1, 0x7fffffff);
  checkUnknown(spec.unknown);
  checkInteger('masterIndex', spec.masterIndex, 1, 0x7fffffff);
  // The kernel resolves what is managed or used, and so must not be told that it is permanent.
  const defaultState = removing || (spec.lladdr === undefined && (flags & RESOLVING) !== 0) ? NUD_NONE : NUD_PERMANENT;
  const target = family === 'bridge' || dst === undefined ? (spec.lladdr ?? '') : formatIp(dst);
  const kind = (flags & NTF_PROXY) !== 0 ? 'proxy neighbour' : family === 'bridge' ? 'forwarding entry' : 'neighbour';
  return {
    spec,
    family,
    link,
    dst,
    lladdr,
    state: spec.state === undefined ? defaultState : neighbourStates.number(spec.state),
    flags,
    protocol: spec.protocol === undefined ? undefined : routeProtocols.number(spec.protocol),
    description: `${kind} ${target} on ${place}`,
    target,
  };
}
