import { LITTLE_ENDIAN } from '../message/endianness.js';
import { parseHardwareAddress } from '../message/hardware-address.js';
import { familyNumber } from '../message/ip-address.js';
import type { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
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
} from '../uapi/neighbour.js';
import type { CheckedNeighbour } from './check.js';

/** What the link of a neighbour tells. */
export interface NeighbourLink {
  readonly ifindex: number;
  /** How many bytes its addresses have; 6 if it was not asked. */
  readonly addressLength?: number;
}

/** Writes `struct ndmsg` and the attributes of a neighbour. */
export function writeNeighbour(
  writer: MessageWriter,
  neighbour: CheckedNeighbour,
  { ifindex, addressLength }: NeighbourLink,
): void {
  const { spec, family, dst, lladdr, flags, protocol } = neighbour;
  writer.header(NDMSG_SIZE, (view, at) => {
    view.setUint8(at, family === 'bridge' ? AF_BRIDGE : familyNumber(family));
    view.setInt32(at + 4, ifindex, LITTLE_ENDIAN);
    view.setUint16(at + 8, neighbour.state, LITTLE_ENDIAN);
    view.setUint8(at + 10, flags & 0xff);
  });
  if (dst !== undefined) writer.bytes(NDA_DST, dst);
  if (lladdr !== undefined) writer.bytes(NDA_LLADDR, parseHardwareAddress(lladdr, addressLength, 'lladdr'));
  if (protocol !== undefined) writer.u8(NDA_PROTOCOL, protocol);
  if (flags >>> NTF_EXT_SHIFT !== 0) writer.u32(NDA_FLAGS_EXT, flags >>> NTF_EXT_SHIFT);
  if (spec.vlan !== undefined) writer.u16(NDA_VLAN, spec.vlan);
  if (spec.nexthopId !== undefined) writer.u32(NDA_NH_ID, spec.nexthopId);
  if (spec.port !== undefined) writer.u16be(NDA_PORT, spec.port);
  if (spec.vni !== undefined) writer.u32(NDA_VNI, spec.vni);
  if (spec.sourceVni !== undefined) writer.u32(NDA_SRC_VNI, spec.sourceVni);
  if (spec.viaIndex !== undefined) writer.u32(NDA_IFINDEX, spec.viaIndex);
  if (spec.unknown !== undefined) writeUnknown(writer, spec.unknown);
}
