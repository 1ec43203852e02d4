import { LITTLE_ENDIAN } from '../message/endianness.js';
import { familyNumber } from '../message/ip-address.js';
import type { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import {
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_CACHEINFO_SIZE,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  IFADDRMSG_SIZE,
} from '../uapi/if-addr.js';
import { type CheckedAddress, INFINITY_LIFE_TIME } from './check.js';

/** Writes `struct ifaddrmsg` and the attributes of an address. */
export function writeAddress(writer: MessageWriter, address: CheckedAddress, ifindex: number): void {
  const { own, peer, flags, validLifetime, preferredLifetime } = address;
  writer.header(IFADDRMSG_SIZE, (view, at) => {
    view.setUint8(at, familyNumber(own.family));
    view.setUint8(at + 1, (peer ?? own).prefixLength);
    // More than eight flags came later: those go into an attribute.
    if (flags <= 0xff) view.setUint8(at + 2, flags);
    view.setUint8(at + 3, address.scope);
    view.setInt32(at + 4, ifindex, LITTLE_ENDIAN);
  });
  writer.bytes(IFA_LOCAL, own.bytes);
  if (peer !== undefined) writer.bytes(IFA_ADDRESS, peer.bytes);
  if (address.broadcast !== undefined) writer.bytes(IFA_BROADCAST, address.broadcast);
  if (address.label !== undefined) writer.string(IFA_LABEL, address.label);
  if (address.metric !== undefined) writer.u32(IFA_RT_PRIORITY, address.metric);
  if (address.protocol !== undefined) writer.u8(IFA_PROTO, address.protocol);
  if (flags > 0xff) writer.u32(IFA_FLAGS, flags);
  if (peer === undefined) writer.bytes(IFA_ADDRESS, own.bytes);
  if (validLifetime !== INFINITY_LIFE_TIME || preferredLifetime !== INFINITY_LIFE_TIME)
    writer.struct(IFA_CACHEINFO, IFA_CACHEINFO_SIZE, (view, at) => {
      view.setUint32(at, preferredLifetime, LITTLE_ENDIAN);
      view.setUint32(at + 4, validLifetime, LITTLE_ENDIAN);
    });
  writeUnknown(writer, address.unknown);
}
