import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { type KeptUnknown, keepUnknown } from '../message/unknown-attribute.js';
import {
  TUNNEL_MSG_SIZE,
  VXLAN_VNIFILTER_ENTRY,
  VXLAN_VNIFILTER_ENTRY_END,
  VXLAN_VNIFILTER_ENTRY_GROUP,
  VXLAN_VNIFILTER_ENTRY_GROUP6,
  VXLAN_VNIFILTER_ENTRY_START,
} from '../uapi/if-link.js';
import type { BridgeVni } from './bridge-vni.js';

/** Reads the identifiers of one VXLAN; ranges are given one by one. */
export function readBridgeVnis(bytes: MessageBytes, start: number, end: number): BridgeVni[] {
  const vnis: BridgeVni[] = [];
  if (end - start < TUNNEL_MSG_SIZE) {
    bytes.fail('a message about a tunnel is shorter than its header');
    return vnis;
  }
  const ifindex = bytes.u32[(start + 4) >> 2] ?? 0;
  const attributes = new AttributeReader(bytes, start + TUNNEL_MSG_SIZE, end);
  while (attributes.next())
    if (attributes.type === VXLAN_VNIFILTER_ENTRY) readRange(attributes.nested(), ifindex, vnis);
  return vnis;
}

/** 24 bits are the identifier: a range cannot grow beyond them, whatever is sent. */
const VNI_MASK = 0xffffff;

function readRange(entry: AttributeReader, ifindex: number, into: BridgeVni[]): void {
  let first = 0;
  let last = 0;
  let groupAddress: string | undefined;
  const kept: KeptUnknown = {};
  while (entry.next())
    switch (entry.type) {
      case VXLAN_VNIFILTER_ENTRY_START:
        first = entry.u32() & VNI_MASK;
        break;
      case VXLAN_VNIFILTER_ENTRY_END:
        last = entry.u32() & VNI_MASK;
        break;
      case VXLAN_VNIFILTER_ENTRY_GROUP:
      case VXLAN_VNIFILTER_ENTRY_GROUP6:
        groupAddress = entry.ipAddress();
        break;
      default:
        keepUnknown(entry, kept);
    }
  for (let vni = first; vni <= Math.max(first, last); vni += 1)
    into.push({ ifindex, vni, ...(groupAddress !== undefined && { groupAddress }), ...kept });
}
