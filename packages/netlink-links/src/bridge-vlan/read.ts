import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import {
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED,
  IFLA_BRIDGE_VLAN_INFO,
} from '../uapi/if-bridge.js';
import { IFLA_AF_SPEC } from '../uapi/if-link.js';
import { IFINFOMSG_SIZE } from '../uapi/rtnetlink.js';
import type { BridgeVlan } from './bridge-vlan.js';

/** Reads the VLANs of one port; ranges are given one by one. */
export function readBridgeVlans(bytes: MessageBytes, start: number, end: number): BridgeVlan[] {
  const vlans: BridgeVlan[] = [];
  if (end - start < IFINFOMSG_SIZE) {
    bytes.fail('a message about a bridge port is shorter than its header');
    return vlans;
  }
  const ifindex = bytes.i32[(start + 4) >> 2] ?? 0;
  let first = 0;
  const attributes = new AttributeReader(bytes, start + IFINFOMSG_SIZE, end);
  while (attributes.next()) {
    if (attributes.type !== IFLA_AF_SPEC) continue;
    const nested = attributes.nested();
    while (nested.next()) {
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
  return vlans;
}
