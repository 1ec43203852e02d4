import { NetnsError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { flagBits } from '../codec/flag-names.js';
import { familyNumber, type IpNetwork, parseIpAddress, parseIpNetwork } from '../codec/ip-address.js';
import { MessageWriter } from '../codec/message-writer.js';
import { checkProperties, propertiesOf } from '../codec/properties.js';
import { scopeNumber } from '../codec/scope.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../links/link-reference.js';
import { Operation, prepared } from '../operation.js';
import { type AckRequest, acknowledged } from '../request.js';
import {
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_PERMANENT,
  IFA_F_SECONDARY,
  IFA_F_TENTATIVE,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  IFADDRMSG_SIZE,
} from '../uapi/if-addr.js';
import { ADDRESS_FLAGS, type Address } from './address.js';
import type { AddressSpec } from './address-spec.js';

const PROPERTIES = propertiesOf<AddressSpec, Address>(
  {
    address: 'set',
    peer: 'set',
    broadcast: 'set',
    label: 'set',
    scope: 'set',
    flags: 'set',
    validLifetime: 'set',
    preferredLifetime: 'set',
    metric: 'set',
    protocol: 'set',
    family: 'told',
    local: 'told',
    prefixLength: 'told',
    anycast: 'told',
    multicast: 'told',
    ifindex: 'told',
  },
  {
    ip: 'address',
    addr: 'address',
    brd: 'broadcast',
    remote: 'peer',
    valid_lft: 'validLifetime',
    preferred_lft: 'preferredLifetime',
    priority: 'metric',
    proto: 'protocol',
    nodad: 'flags',
    noprefixroute: 'flags',
  },
);

const bitsOf = flagBits(ADDRESS_FLAGS);
/** Flags that tell of the state of an address; the kernel sets them. */
const STATE = IFA_F_SECONDARY | IFA_F_DADFAILED | IFA_F_DEPRECATED | IFA_F_TENTATIVE | IFA_F_PERMANENT;
const FOR_EVER = 0xffffffff;
const CACHEINFO_SIZE = 16;

function refuse(reason: string): never {
  throw new NetnsError(reason, { code: 'ERR_INVALID_ARGUMENT' });
}

function lifetime(name: string, seconds: number | undefined): number {
  if (seconds === undefined || seconds === Number.POSITIVE_INFINITY) return FOR_EVER;
  if (!Number.isInteger(seconds) || seconds < 0 || seconds >= FOR_EVER)
    refuse(`'${name}' of an address can not be ${seconds}: whole seconds, or Infinity, are needed`);
  return seconds;
}

function broadcastOf({ bytes, prefixLength }: IpNetwork): Uint8Array {
  return bytes.map((byte, index) => {
    const bits = prefixLength - index * 8;
    return bits >= 8 ? byte : byte | (bits <= 0 ? 0xff : 0xff >> bits);
  });
}

/** Makes the operation that sends an address to the kernel: `RTM_NEWADDR` with its flags, or `RTM_DELADDR`. */
export function changeAddress(
  name: string,
  verb: string,
  type: number,
  messageFlags: number,
  link: LinkReference,
  address: string | AddressSpec,
): Operation<void> {
  const spec: AddressSpec = typeof address === 'string' ? { address } : address;
  checkProperties(spec, name, PROPERTIES);
  checkInteger('metric', spec.metric, 0, 0xffffffff);
  checkInteger('protocol', spec.protocol, 0, 0xff);
  const reference = checkLinkReference(link);
  const own = parseIpNetwork(spec.address);
  const peer = spec.peer === undefined ? undefined : parseIpNetwork(spec.peer);
  if (peer !== undefined && peer.family !== own.family)
    refuse(`the two ends ${spec.address} and ${spec.peer} are not of the same family`);
  const ipv4 = own.family === 'ipv4';
  if (!ipv4 && spec.broadcast !== undefined && spec.broadcast !== false)
    refuse(`${spec.address} can not have a broadcast address: IPv6 has none`);
  if (!ipv4 && spec.label !== undefined) refuse(`${spec.address} can not have a label: only IPv4 addresses have one`);
  if (spec.label !== undefined && (spec.label === '' || Buffer.byteLength(spec.label) > 15))
    refuse(`'${spec.label}' can not be the label of an address: it has 1 to 15 bytes`);
  const bits = Array.isArray(spec.flags ?? []) ? bitsOf(spec.flags ?? []) : undefined;
  if (bits === undefined)
    refuse(`one of ${String(spec.flags)} is no flag of an address: ${ADDRESS_FLAGS.join(', ')} are`);
  const broadcast = typeof spec.broadcast === 'string' ? parseIpAddress(spec.broadcast) : undefined;
  const flags = bits & ~STATE;
  const valid = lifetime('validLifetime', spec.validLifetime);
  const preferred = lifetime('preferredLifetime', spec.preferredLifetime ?? (valid === FOR_EVER ? undefined : valid));
  if (preferred > valid)
    refuse(`an address can not be preferred for longer (${preferred} s) than it is valid (${valid} s)`);
  const scope = spec.scope === undefined ? (ipv4 && own.bytes[0] === 127 ? 254 : 0) : scopeNumber(spec.scope);

  const build = (index: number): AckRequest => {
    const writer = new MessageWriter(type, messageFlags);
    writer.header(IFADDRMSG_SIZE, (view, at) => {
      view.setUint8(at, familyNumber(own.family));
      view.setUint8(at + 1, (peer ?? own).prefixLength);
      // More than eight flags came later: those go into an attribute.
      if (flags <= 0xff) view.setUint8(at + 2, flags);
      view.setUint8(at + 3, scope);
      view.setInt32(at + 4, index, LITTLE_ENDIAN);
    });
    writer.bytes(IFA_LOCAL, own.bytes);
    if (peer !== undefined) writer.bytes(IFA_ADDRESS, peer.bytes);
    if (broadcast !== undefined) writer.bytes(IFA_BROADCAST, broadcast);
    else if (spec.broadcast === true && own.prefixLength < 31) writer.bytes(IFA_BROADCAST, broadcastOf(own));
    if (spec.label !== undefined) writer.string(IFA_LABEL, spec.label);
    if (spec.metric !== undefined) writer.u32(IFA_RT_PRIORITY, spec.metric);
    if (spec.protocol !== undefined) writer.u8(IFA_PROTO, spec.protocol);
    if (flags > 0xff) writer.u32(IFA_FLAGS, flags);
    if (peer === undefined) writer.bytes(IFA_ADDRESS, own.bytes);
    if (valid !== FOR_EVER || preferred !== FOR_EVER)
      writer.struct(IFA_CACHEINFO, CACHEINFO_SIZE, (view, at) => {
        view.setUint32(at, preferred, LITTLE_ENDIAN);
        view.setUint32(at + 4, valid, LITTLE_ENDIAN);
      });
    return acknowledged(writer.finish());
  };
  const identity = {
    name,
    description: `${verb} address ${spec.address} ${verb === 'delete' ? 'from' : 'on'} link ${describeLink(link)}`,
    target: spec.address,
    link: reference,
  };
  if (typeof reference === 'number') return new Operation(identity, build(reference));
  return prepared(identity, function* () {
    return build(yield* resolveLinkIndex(identity, reference));
  });
}
