import { LITTLE_ENDIAN } from '../message/endianness.js';
import type { MessageWriter } from '../message/message-writer.js';
import * as a from '../uapi/if-bridge.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../uapi/if-ether.js';
import { AF_BRIDGE } from '../uapi/neighbour.js';
import type { CheckedMdbEntry } from './check.js';

/** Links that a group names: their indexes. */
export interface MdbLinks {
  readonly bridge: number;
  readonly port: number;
}

/** What tells the kinds of addresses apart: 0 for those of the link layer. */
function protocolOf(address: Uint8Array): number {
  return address.length === 4 ? ETH_P_IP : address.length === 16 ? ETH_P_IPV6 : 0;
}

/** Writes `struct br_port_msg` and the attributes of a group. */
export function writeMdbEntry(writer: MessageWriter, entry: CheckedMdbEntry, { bridge, port }: MdbLinks): void {
  const { spec, group, source, sources, dst, state, filterMode, protocol } = entry;
  writer.header(a.BR_PORT_MSG_SIZE, (view, at) => {
    view.setUint8(at, AF_BRIDGE);
    view.setUint32(at + 4, bridge, LITTLE_ENDIAN);
  });
  writer.struct(a.MDBA_SET_ENTRY, a.BR_MDB_ENTRY_SIZE, (view, at) => {
    view.setUint32(at, port, LITTLE_ENDIAN);
    view.setUint8(at + 4, state);
    view.setUint16(at + 6, spec.vid ?? 0, LITTLE_ENDIAN);
    group.forEach((byte, index) => {
      view.setUint8(at + 8 + index, byte);
    });
    view.setUint16(at + 24, protocolOf(group), false);
  });
  writer.nest(
    a.MDBA_SET_ENTRY_ATTRS,
    (nested) => {
      if (source !== undefined) nested.bytes(a.MDBE_ATTR_SOURCE, source);
      if (filterMode !== undefined) nested.u8(a.MDBE_ATTR_GROUP_MODE, filterMode);
      if (sources.length > 0)
        nested.nest(
          a.MDBE_ATTR_SRC_LIST,
          (list) => {
            for (const address of sources)
              list.nest(a.MDBE_SRC_LIST_ENTRY, (each) => void each.bytes(a.MDBE_SRCATTR_ADDRESS, address), true);
          },
          true,
        );
      if (protocol !== undefined) nested.u8(a.MDBE_ATTR_RTPROT, protocol);
      if (dst !== undefined) nested.bytes(a.MDBE_ATTR_DST, dst);
      if (spec.dstPort !== undefined) nested.u16(a.MDBE_ATTR_DST_PORT, spec.dstPort);
      if (spec.vni !== undefined) nested.u32(a.MDBE_ATTR_VNI, spec.vni);
      if (spec.viaIndex !== undefined) nested.u32(a.MDBE_ATTR_IFINDEX, spec.viaIndex);
      if (spec.sourceVni !== undefined) nested.u32(a.MDBE_ATTR_SRC_VNI, spec.sourceVni);
    },
    true,
    false,
  );
}
