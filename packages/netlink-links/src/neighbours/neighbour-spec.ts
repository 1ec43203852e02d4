import { NetnsError } from 'netns-core';
import { checkInteger } from '../codec/checked-number.js';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { parseHardwareAddress } from '../codec/hardware-address.js';
import { familyNumber, formatIp, parseIpAddress } from '../codec/ip-address.js';
import { MessageWriter } from '../codec/message-writer.js';
import type { OperationIdentity } from '../errors.js';
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
  NTF_EXT_SHIFT,
  NTF_MASTER,
  NTF_PROXY,
  NTF_SELF,
  NUD_PERMANENT,
} from '../uapi/neighbour.js';
import type { NeighbourFamily, NeighbourFlag, NeighbourState } from './neighbour.js';
import { neighbourFlagBits, neighbourStates } from './neighbour-numbers.js';

/** An entry to be made, changed or removed; one that was read will do. */
export interface NeighbourSpec {
  /** That of `dst` if left out; `'bridge'` for an entry of a forwarding database. */
  family?: NeighbourFamily | undefined;
  /** IP address; what a forwarding database has of it, a VXLAN's endpoint. */
  dst?: string | undefined;
  /** Link layer address; needed but for proxy entries and when removing. */
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
  protocol?: RouteProtocol | number | undefined;
  nexthopId?: number | undefined;
}

/** What sets the operations that write a neighbour apart. */
export interface NeighbourAction {
  readonly name: string;
  readonly verb: string;
  /** `RTM_NEWNEIGH` or `RTM_DELNEIGH` */
  readonly type: number;
  readonly flags: number;
  readonly removing: boolean;
}

function refuse(message: string): never {
  throw new NetnsError(message, { code: 'ERR_INVALID_ARGUMENT' });
}

/** The operation that does something with one neighbour. */
export function neighbourOperation(action: NeighbourAction, spec: NeighbourSpec): Operation<void> {
  const dst = spec.dst === undefined ? undefined : parseIpAddress(spec.dst);
  const family = spec.family ?? (dst === undefined ? undefined : dst.length === 4 ? 'ipv4' : 'ipv6');
  if (family === undefined)
    refuse("a neighbour needs `dst`, its IP address; for an entry of a forwarding database, `family: 'bridge'`");
  if (family !== 'bridge') {
    if (dst === undefined) refuse('a neighbour needs `dst`, its IP address');
    if ((dst.length === 4) !== (family === 'ipv4')) refuse(`'${spec.dst}' is no ${family} address`);
  }
  const lladdr = spec.lladdr === undefined ? undefined : parseNeighbourAddress(spec.lladdr);
  let flags = neighbourFlagBits(spec.flags ?? []);
  if (flags === undefined) refuse(`${JSON.stringify(spec.flags)} has what is no flag of a neighbour`);
  if (family === 'bridge') {
    if (lladdr === undefined) refuse('an entry of a forwarding database needs `lladdr`, the address that it is for');
    if ((flags & (NTF_SELF | NTF_MASTER)) === 0) flags |= NTF_SELF;
  } else if (lladdr === undefined && !action.removing && (flags & NTF_PROXY) === 0)
    refuse(`neighbour ${spec.dst} needs \`lladdr\`, its link layer address, or the flag 'proxy'`);
  const reference = spec.link ?? spec.ifindex;
  if (reference === undefined) refuse('a neighbour needs a link: `link` or `ifindex`');
  const link = checkLinkReference(reference);
  checkInteger('VLAN', spec.vlan, 0, 4094);
  checkInteger('VXLAN network identifier', spec.vni, 0, 0xffffff);
  checkInteger('VXLAN network identifier', spec.sourceVni, 0, 0xffffff);
  checkInteger('port', spec.port, 0, 0xffff);
  const proxy = (flags & NTF_PROXY) !== 0;
  const state = spec.state === undefined ? (action.removing ? 0 : NUD_PERMANENT) : neighbourStates.number(spec.state);
  const protocol = spec.protocol === undefined ? undefined : routeProtocols.number(spec.protocol);
  const target = family === 'bridge' || dst === undefined ? (spec.lladdr ?? '') : formatIp(dst);
  const kind = proxy ? 'proxy neighbour' : family === 'bridge' ? 'forwarding entry' : 'neighbour';
  const identity: OperationIdentity = {
    name: action.name,
    description: `${action.verb} ${kind} ${target} on ${describeLink(reference)}`,
    target,
  };
  const mask = flags;
  const message = (ifindex: number): Uint8Array => {
    const writer = new MessageWriter(action.type, action.flags);
    writer.header(NDMSG_SIZE, (view, at) => {
      view.setUint8(at, family === 'bridge' ? AF_BRIDGE : familyNumber(family));
      view.setInt32(at + 4, ifindex, LITTLE_ENDIAN);
      view.setUint16(at + 8, state, LITTLE_ENDIAN);
      view.setUint8(at + 10, mask & 0xff);
    });
    if (dst !== undefined) writer.bytes(NDA_DST, dst);
    if (lladdr !== undefined) writer.bytes(NDA_LLADDR, lladdr);
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
  if (typeof link === 'number') return new Operation(identity, acknowledged(message(link)));
  return new Operation(identity, function* () {
    yield* ask(acknowledged(message(yield* resolveLinkIndex(identity, link))));
  });
}

/** A MAC address, or the IP address that a tunnel has in its place. */
function parseNeighbourAddress(text: string): Uint8Array {
  return typeof text === 'string' && (text.includes('.') || /^[0-9a-f:]*::[0-9a-f:]*$/i.test(text))
    ? parseIpAddress(text)
    : parseHardwareAddress(text);
}
