import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import {
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED,
  IFLA_BRIDGE_VLAN_INFO,
  IFLA_BRIDGE_VLAN_TUNNEL_FLAGS,
  IFLA_BRIDGE_VLAN_TUNNEL_ID,
  IFLA_BRIDGE_VLAN_TUNNEL_INFO,
  IFLA_BRIDGE_VLAN_TUNNEL_VID,
} from '../uapi/if-bridge.js';
import { IFLA_AF_SPEC, IFLA_MASTER } from '../uapi/if-link.js';
import { IFINFOMSG_SIZE } from '../uapi/rtnetlink.js';
import type { BridgeVlan } from './bridge-vlan.js';

/** Reads the VLANs of one port; ranges are given one by one. */
export function readBridgeVlans(bytes: MessageBytes, start: number, end: number): BridgeVlan[] {
  const vlans: Mutable<BridgeVlan>[] = [];
  if (end - start < IFINFOMSG_SIZE) {
    bytes.fail('a message about a bridge port is shorter than its header');
    return vlans;
  }
  const ifindex = bytes.i32[(start + 4) >> 2] ?? 0;
  const tunnels = new Map<number, number>();
  let first = 0;
  let firstMapped = 0;
  let master = 0;
  const attributes = new AttributeReader(bytes, start + IFINFOMSG_SIZE, end);
  while (attributes.next()) {
    if (attributes.type === IFLA_MASTER) master = attributes.u32();
    if (attributes.type !== IFLA_AF_SPEC) continue;
    const nested = attributes.nested();
    while (nested.next()) {
      if (nested.type === IFLA_BRIDGE_VLAN_TUNNEL_INFO) {
        const { flags, vid, id } = readMapping(nested.nested());
        if ((flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) !== 0) {
          firstMapped = vid;
          continue;
        }
        const from = (flags & BRIDGE_VLAN_INFO_RANGE_END) !== 0 ? firstMapped : vid;
        for (let mapped = from; mapped <= vid; mapped += 1) tunnels.set(mapped, id - (vid - mapped));
      }
      if (nested.type !== IFLA_BRIDGE_VLAN_INFO) continue;
      const flags = nested.u16At(0);
      // Twelve bits are the VLAN: a range cannot grow beyond them, whatever is sent.
      const vid = nested.u16At(2) & 0xfff;
      if ((flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) !== 0) {
        first = vid;
        continue;
      }
      const from = (flags & BRIDGE_VLAN_INFO_RANGE_END) !== 0 ? first : vid;
      for (let id = from; id <= vid; id += 1)
        vlans.push({
          ifindex,
          vid: id,
          pvid: (flags & BRIDGE_VLAN_INFO_PVID) !== 0,
          untagged: (flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0,
        });
    }
  }
  for (const vlan of vlans) {
    const tunnelId = tunnels.get(vlan.vid);
    if (tunnelId !== undefined) vlan.tunnelId = tunnelId;
    // A bridge tells of itself as its own master.
    if (master === ifindex) vlan.self = true;
  }
  return vlans;
}

/** Reads to which VXLAN a VLAN is mapped, or the first or the last one of a range. */
function readMapping(mapping: AttributeReader): { flags: number; vid: number; id: number } {
  const read = { flags: 0, vid: 0, id: 0 };
  while (mapping.next())
    switch (mapping.type) {
      case IFLA_BRIDGE_VLAN_TUNNEL_ID:
        read.id = mapping.u32();
        break;
      case IFLA_BRIDGE_VLAN_TUNNEL_VID:
        read.vid = mapping.u16() & 0xfff;
        break;
      case IFLA_BRIDGE_VLAN_TUNNEL_FLAGS:
        read.flags = mapping.u16();
        break;
    }
  return read;
}
