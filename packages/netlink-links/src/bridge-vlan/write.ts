import { LITTLE_ENDIAN } from '../message/endianness.js';
import { writeFields } from '../message/fields.js';
import type { MessageWriter } from '../message/message-writer.js';
import { writeLinkHeader } from '../operation/link-reference.js';
import {
  BR_VLAN_MSG_SIZE,
  BRIDGE_FLAGS_SELF,
  BRIDGE_VLAN_INFO_ONLY_OPTS,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_SIZE,
  BRIDGE_VLANDB_ENTRY,
  BRIDGE_VLANDB_ENTRY_INFO,
  BRIDGE_VLANDB_ENTRY_RANGE,
  IFLA_BRIDGE_FLAGS,
  IFLA_BRIDGE_VLAN_INFO,
  IFLA_BRIDGE_VLAN_TUNNEL_FLAGS,
  IFLA_BRIDGE_VLAN_TUNNEL_ID,
  IFLA_BRIDGE_VLAN_TUNNEL_INFO,
  IFLA_BRIDGE_VLAN_TUNNEL_VID,
} from '../uapi/if-bridge.js';
import { IFLA_AF_SPEC } from '../uapi/if-link.js';
import { AF_BRIDGE } from '../uapi/neighbour.js';
import { type CheckedBridgeVlan, type CheckedVlanSettings, VLAN_FIELDS } from './check.js';

/**
 * Writes `struct ifinfomsg` of the port and its VLANs.
 *
 * @param removing a mapping goes with its VLAN, and the kernel refuses to remove it once more
 */
export function writeBridgeVlan(
  writer: MessageWriter,
  vlan: CheckedBridgeVlan,
  ifindex: number,
  removing: boolean,
): void {
  const { first, last, flags, self, tunnelId } = vlan;
  writeLinkHeader(writer, ifindex, 0, 0, AF_BRIDGE);
  writer.nest(
    IFLA_AF_SPEC,
    (nested) => {
      if (self) nested.u16(IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
      const info = (vid: number, more: number): void =>
        void nested.struct(IFLA_BRIDGE_VLAN_INFO, BRIDGE_VLAN_INFO_SIZE, (view, at) => {
          view.setUint16(at, flags | more, LITTLE_ENDIAN);
          view.setUint16(at + 2, vid, LITTLE_ENDIAN);
        });
      if (last === first) info(first, 0);
      else {
        info(first, BRIDGE_VLAN_INFO_RANGE_BEGIN);
        info(last, BRIDGE_VLAN_INFO_RANGE_END);
      }
      if (tunnelId === undefined || removing) return;
      writeMapping(nested, first, last, tunnelId);
    },
    true,
  );
}

/** Writes to which identifiers of a VXLAN a VLAN, or a range of them, is mapped. */
function writeMapping(nested: MessageWriter, first: number, last: number, tunnelId: number): void {
  const tunnel = (vid: number, more: number): void =>
    void nested.nest(IFLA_BRIDGE_VLAN_TUNNEL_INFO, (mapping) => {
      mapping.u32(IFLA_BRIDGE_VLAN_TUNNEL_ID, tunnelId + vid - first);
      mapping.u16(IFLA_BRIDGE_VLAN_TUNNEL_VID, vid);
      mapping.u16(IFLA_BRIDGE_VLAN_TUNNEL_FLAGS, more);
    });
  if (last === first) tunnel(first, 0);
  else {
    tunnel(first, BRIDGE_VLAN_INFO_RANGE_BEGIN);
    tunnel(last, BRIDGE_VLAN_INFO_RANGE_END);
  }
}

/** Writes `struct ifinfomsg` of the port and a mapping alone. */
export function writeBridgeVlanTunnel(
  writer: MessageWriter,
  { first, last, tunnelId }: { readonly first: number; readonly last: number; readonly tunnelId: number },
  ifindex: number,
): void {
  writeLinkHeader(writer, ifindex, 0, 0, AF_BRIDGE);
  writer.nest(IFLA_AF_SPEC, (nested) => writeMapping(nested, first, last, tunnelId), true);
}

/** Writes `struct br_vlan_msg` of the port, and what is to be set of its VLANs. */
export function writeVlanSettings(
  writer: MessageWriter,
  { first, last, settings }: CheckedVlanSettings,
  ifindex: number,
): void {
  writer.header(BR_VLAN_MSG_SIZE, (view, at) => {
    view.setUint8(at, AF_BRIDGE);
    view.setUint32(at + 4, ifindex, LITTLE_ENDIAN);
  });
  writer.nest(
    BRIDGE_VLANDB_ENTRY,
    (entry) => {
      entry.struct(BRIDGE_VLANDB_ENTRY_INFO, BRIDGE_VLAN_INFO_SIZE, (view, at) => {
        view.setUint16(at, BRIDGE_VLAN_INFO_ONLY_OPTS, LITTLE_ENDIAN);
        view.setUint16(at + 2, first, LITTLE_ENDIAN);
      });
      if (last > first) entry.u16(BRIDGE_VLANDB_ENTRY_RANGE, last);
      writeFields(entry, VLAN_FIELDS, settings);
    },
    true,
  );
}
