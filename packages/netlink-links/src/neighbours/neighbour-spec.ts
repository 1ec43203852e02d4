import { NetnsError } from 'netns-core';
import { checkInteger } from '../codec/checked-number.js';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { isEthernetAddress, isHardwareAddress, parseHardwareAddress } from '../codec/hardware-address.js';
import { familyNumber, formatIp, parseIpAddress } from '../codec/ip-address.js';
import { MessageWriter } from '../codec/message-writer.js';
import { checkProperties, propertiesOf } from '../codec/properties.js';
import type { OperationIdentity } from '../errors.js';
import { addressLengthRequest } from '../links/get-link.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../links/link-reference.js';
import { ask, Operation } from '../operation.js';
import { acknowledged } from '../request.js';
import { type RouteProtocol, routeProtocols } from '../routes/route-numbers.js';
import {
  AF_BRIDGE,
  NDA_DST,
  NDA_FLAGS_EXT,
  NDA_IFINDEX,
  NDA_LLADDR,
  NDA_NH_ID,
  NDA_PORT,
  NDA_PROTOCOL,
  NDA_SRC_VNI,
  NDA_VLAN,
  NDA_VNI,
  NDMSG_SIZE,
  NTF_EXT_MANAGED,
  NTF_EXT_SHIFT,
  NTF_MASTER,
  NTF_PROXY,
  NTF_SELF,
  NTF_USE,
  NUD_NONE,
  NUD_PERMANENT,
} from '../uapi/neighbour.js';
import type { Neighbour, NeighbourFamily, NeighbourFlag, NeighbourState } from './neighbour.js';
import { neighbourFlagBits, neighbourStates } from './neighbour-numbers.js';

/** An entry to be made, changed or removed; one that was read will do. */
export interface NeighbourSpec {
  /** That of `dst` if left out; `'bridge'` for an entry of a forwarding database. */
  family?: NeighbourFamily | undefined;
  /** IP address; what a forwarding database has of it, a VXLAN's endpoint. */
  dst?: string | undefined;
  /** Link layer address; needed but for the flags `'proxy'`, `'managed'` and `'use'`, and when removing. */
  lladdr?: string | undefined;
  /** The link: by index, or (as `link`) by any reference. */
  ifindex?: number | undefined;
  link?: LinkReference | undefined;
  /** `'permanent'` if left out. */
  state?: NeighbourState | number | undefined;
  /** `['proxy']` answers for `dst` on behalf of another link. A forwarding database's entry is `['self']` if left out. */
  flags?: readonly NeighbourFlag[] | undefined;
  vlan?: number | undefined;
  vni?: number | undefined;
  sourceVni?: number | undefined;
  port?: number | undefined;
  viaIndex?: number | undefined;
  /** As read from the database of a bridge: means the flag `'master'`. */
  masterIndex?: number | undefined;
  protocol?: RouteProtocol | number | undefined;
  nexthopId?: number | undefined;
}

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

/** What sets the operations that write a neighbour apart. */
export interface NeighbourAction {
  readonly name: string;
  readonly verb: string;
  /** `RTM_NEWNEIGH` or `RTM_DELNEIGH` */
  readonly type: number;
  readonly flags: number;
  readonly removing: boolean;
  /** Whether it is for forwarding databases alone. */
  readonly onlyBridge?: boolean;
}

/** Flags with which the kernel finds the link layer address itself. */
const RESOLVING = NTF_USE | NTF_EXT_MANAGED;

function refuse(message: string): never {
  throw new NetnsError(message, { code: 'ERR_INVALID_ARGUMENT' });
}

/** The operation that does something with one neighbour. */
export function neighbourOperation(action: NeighbourAction, spec: NeighbourSpec): Operation<void> {
  checkProperties(spec, action.name, PROPERTIES);
  const dst = spec.dst === undefined ? undefined : parseIpAddress(spec.dst);
  const family = spec.family ?? (dst === undefined ? undefined : dst.length === 4 ? 'ipv4' : 'ipv6');
  if (family === undefined)
    refuse("a neighbour needs `dst`, its IP address; for an entry of a forwarding database, `family: 'bridge'`");
  if (family !== 'bridge' && action.onlyBridge === true)
    refuse(`${action.name} is for forwarding databases: it needs \`family: 'bridge'\``);
  if (family !== 'bridge') {
    if (dst === undefined) refuse('a neighbour needs `dst`, its IP address');
    if ((dst.length === 4) !== (family === 'ipv4')) refuse(`'${spec.dst}' is no ${family} address`);
  }
  const { lladdr } = spec;
  if (lladdr !== undefined && lladdr !== '' && (family === 'bridge' || !isHardwareAddress(lladdr)))
    parseHardwareAddress(lladdr);
  let flags = neighbourFlagBits(spec.flags ?? []);
  if (flags === undefined) refuse(`${JSON.stringify(spec.flags)} has what is no flag of a neighbour`);
  if (family === 'bridge') {
    if (lladdr === undefined) refuse('an entry of a forwarding database needs `lladdr`, the address that it is for');
    // An entry that was read from a bridge's database names the bridge; one of the link's own does not.
    if ((flags & (NTF_SELF | NTF_MASTER)) === 0) flags |= spec.masterIndex === undefined ? NTF_SELF : NTF_MASTER;
  } else if (lladdr === undefined && !action.removing && (flags & (NTF_PROXY | RESOLVING)) === 0)
    refuse(
      `neighbour ${spec.dst} needs \`lladdr\`, its link layer address, or one of the flags 'proxy', 'managed' and 'use'`,
    );
  const reference = spec.link ?? spec.ifindex;
  if (reference === undefined) refuse('a neighbour needs a link: `link` or `ifindex`');
  const link = checkLinkReference(reference);
  checkInteger('VLAN', spec.vlan, 0, 4094);
  checkInteger('VXLAN network identifier', spec.vni, 0, 0xffffff);
  checkInteger('VXLAN network identifier', spec.sourceVni, 0, 0xffffff);
  checkInteger('port', spec.port, 0, 0xffff);
  checkInteger('id of a nexthop (`nexthopId`)', spec.nexthopId, 1, 0xffffffff);
  checkInteger('index of a link (`viaIndex`)', spec.viaIndex, 1, 0x7fffffff);
  const proxy = (flags & NTF_PROXY) !== 0;
  // The kernel resolves what is managed or used, and so must not be told that it is permanent.
  const defaultState =
    action.removing || (lladdr === undefined && (flags & RESOLVING) !== 0) ? NUD_NONE : NUD_PERMANENT;
  const state = spec.state === undefined ? defaultState : neighbourStates.number(spec.state);
  const protocol = spec.protocol === undefined ? undefined : routeProtocols.number(spec.protocol);
  const target = family === 'bridge' || dst === undefined ? (spec.lladdr ?? '') : formatIp(dst);
  const kind = proxy ? 'proxy neighbour' : family === 'bridge' ? 'forwarding entry' : 'neighbour';
  const identity: OperationIdentity = {
    name: action.name,
    description: `${action.verb} ${kind} ${target} on ${describeLink(reference)}`,
    target,
  };
  const mask = flags;
  const message = (ifindex: number, addressLength?: number): Uint8Array => {
    const writer = new MessageWriter(action.type, action.flags);
    writer.header(NDMSG_SIZE, (view, at) => {
      view.setUint8(at, family === 'bridge' ? AF_BRIDGE : familyNumber(family));
      view.setInt32(at + 4, ifindex, LITTLE_ENDIAN);
      view.setUint16(at + 8, state, LITTLE_ENDIAN);
      view.setUint8(at + 10, mask & 0xff);
    });
    if (dst !== undefined) writer.bytes(NDA_DST, dst);
    if (lladdr !== undefined && lladdr !== '') writer.bytes(NDA_LLADDR, parseHardwareAddress(lladdr, addressLength));
    if (protocol !== undefined) writer.u8(NDA_PROTOCOL, protocol);
    if (mask >>> NTF_EXT_SHIFT !== 0) writer.u32(NDA_FLAGS_EXT, mask >>> NTF_EXT_SHIFT);
    if (spec.vlan !== undefined) writer.u16(NDA_VLAN, spec.vlan);
    if (spec.nexthopId !== undefined) writer.u32(NDA_NH_ID, spec.nexthopId);
    if (spec.port !== undefined) writer.u16be(NDA_PORT, spec.port);
    if (spec.vni !== undefined) writer.u32(NDA_VNI, spec.vni);
    if (spec.sourceVni !== undefined) writer.u32(NDA_SRC_VNI, spec.sourceVni);
    if (spec.viaIndex !== undefined) writer.u32(NDA_IFINDEX, spec.viaIndex);
    return writer.finish();
  };
  if (lladdr !== undefined && lladdr !== '' && !isEthernetAddress(lladdr))
    return new Operation(identity, function* () {
      // Only the link tells how long its addresses are: the kernel would cut off what is too long.
      const ifindex = yield* resolveLinkIndex(identity, link);
      yield* ask(acknowledged(message(ifindex, yield* ask(addressLengthRequest(ifindex)))));
    });
  if (typeof link === 'number') return new Operation(identity, acknowledged(message(link)));
  return new Operation(identity, function* () {
    yield* ask(acknowledged(message(yield* resolveLinkIndex(identity, link))));
  });
}
