import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import {
  BR_VLAN_MSG_SIZE,
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_UNTAGGED,
  BRIDGE_VLANDB_ENTRY,
  BRIDGE_VLANDB_ENTRY_INFO,
  BRIDGE_VLANDB_ENTRY_RANGE,
  BRIDGE_VLANDB_ENTRY_TUNNEL_INFO,
  BRIDGE_VLANDB_TINFO_ID,
} from '../uapi/if-bridge.js';

/** VLANs of one link that follow each other, as the kernel tells of changes. */
export interface VlanRange {
  readonly vid: number;
  readonly vidEnd: number;
  readonly pvid: boolean;
  readonly untagged: boolean;
  /** That of the first: those of the others are not told. */
  readonly tunnelId?: number;
}

/** Reads the payload of `RTM_NEWVLAN` or `RTM_DELVLAN`: VLANs of one port, or of a bridge itself. */
export function readVlanRanges(
  bytes: MessageBytes,
  start: number,
  end: number,
): { readonly ifindex: number; readonly ranges: readonly VlanRange[] } {
  const ranges: VlanRange[] = [];
  if (end - start < BR_VLAN_MSG_SIZE) {
    bytes.fail('a message about VLANs is shorter than its header');
    return { ifindex: 0, ranges };
  }
  const attributes = new AttributeReader(bytes, start + BR_VLAN_MSG_SIZE, end);
  while (attributes.next()) if (attributes.type === BRIDGE_VLANDB_ENTRY) ranges.push(readRange(attributes.nested()));
  return { ifindex: bytes.u32[(start + 4) >> 2] ?? 0, ranges };
}

/** Twelve bits are the VLAN: a range cannot grow beyond them, whatever is sent. */
const VID_MASK = 0xfff;

function readRange(entry: AttributeReader): VlanRange {
  let vid = 0;
  let vidEnd = 0;
  let flags = 0;
  let tunnelId: number | undefined;
  while (entry.next())
    switch (entry.type) {
      case BRIDGE_VLANDB_ENTRY_INFO:
        flags = entry.u16At(0);
        vid = entry.u16At(2) & VID_MASK;
        break;
      case BRIDGE_VLANDB_ENTRY_RANGE:
        vidEnd = entry.u16() & VID_MASK;
        break;
      case BRIDGE_VLANDB_ENTRY_TUNNEL_INFO: {
        const mapping = entry.nested();
        while (mapping.next()) if (mapping.type === BRIDGE_VLANDB_TINFO_ID) tunnelId = mapping.u32();
        break;
      }
    }
  return {
    vid,
    vidEnd: Math.max(vid, vidEnd),
    pvid: (flags & BRIDGE_VLAN_INFO_PVID) !== 0,
    untagged: (flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0,
    ...(tunnelId !== undefined && { tunnelId }),
  };
}
