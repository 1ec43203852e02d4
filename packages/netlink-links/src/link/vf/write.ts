import { LITTLE_ENDIAN } from '../../message/endianness.js';
import type { MessageWriter } from '../../message/message-writer.js';
import { writeUnknown } from '../../message/unknown-attribute.js';
import { IFLA_VFINFO_LIST } from '../../uapi/if-link.js';
import {
  IFLA_VF_GUID_SIZE,
  IFLA_VF_IB_NODE_GUID,
  IFLA_VF_IB_PORT_GUID,
  IFLA_VF_INFO,
  IFLA_VF_LINK_STATE,
  IFLA_VF_MAC,
  IFLA_VF_MAC_SIZE,
  IFLA_VF_RATE,
  IFLA_VF_RATE_SIZE,
  IFLA_VF_RSS_QUERY_EN,
  IFLA_VF_SETTING_SIZE,
  IFLA_VF_SPOOFCHK,
  IFLA_VF_TRUST,
  IFLA_VF_VLAN,
  IFLA_VF_VLAN_INFO,
  IFLA_VF_VLAN_INFO_SIZE,
  IFLA_VF_VLAN_LIST,
  IFLA_VF_VLAN_SIZE,
} from '../../uapi/if-link-vf.js';
import type { CheckedVf } from './check.js';

/** Writes what is to be set of a virtual function, each in a structure that begins with its number. */
export function writeVf(writer: MessageWriter, settings: CheckedVf): void {
  writer.nest(IFLA_VFINFO_LIST, (list) => void list.nest(IFLA_VF_INFO, (info) => writeSettings(info, settings)));
}

function writeSettings(info: MessageWriter, settings: CheckedVf): void {
  const { vf, hardwareAddr, minTxRate, maxTxRate } = settings;
  const numbers = (attribute: number, size: number, values: readonly number[]): void =>
    void info.struct(attribute, size, (view, at) => {
      for (const [index, value] of [vf, ...values].entries()) view.setUint32(at + index * 4, value, LITTLE_ENDIAN);
    });
  const setting = (attribute: number, value: boolean | number | undefined): void => {
    if (value !== undefined) numbers(attribute, IFLA_VF_SETTING_SIZE, [Number(value)]);
  };
  const guid = (attribute: number, value: bigint | undefined): void => {
    if (value !== undefined)
      info.struct(attribute, IFLA_VF_GUID_SIZE, (view, at) => {
        view.setUint32(at, vf, LITTLE_ENDIAN);
        view.setBigUint64(at + 8, value, LITTLE_ENDIAN);
      });
  };
  if (hardwareAddr !== undefined)
    info.struct(IFLA_VF_MAC, IFLA_VF_MAC_SIZE, (view, at) => {
      view.setUint32(at, vf, LITTLE_ENDIAN);
      for (const [index, byte] of hardwareAddr.entries()) view.setUint8(at + 4 + index, byte);
    });
  writeVlans(info, settings, numbers);
  setting(IFLA_VF_SPOOFCHK, settings.spoofCheck);
  setting(IFLA_VF_RSS_QUERY_EN, settings.rssQuery);
  setting(IFLA_VF_TRUST, settings.trust);
  setting(IFLA_VF_LINK_STATE, settings.linkState);
  guid(IFLA_VF_IB_NODE_GUID, settings.nodeGuid);
  guid(IFLA_VF_IB_PORT_GUID, settings.portGuid);
  if (minTxRate !== undefined || maxTxRate !== undefined)
    numbers(IFLA_VF_RATE, IFLA_VF_RATE_SIZE, [minTxRate ?? 0, maxTxRate ?? 0]);
  writeUnknown(info, settings.unknown);
}

function writeVlans(
  info: MessageWriter,
  { vf, vlan }: CheckedVf,
  numbers: (attribute: number, size: number, values: readonly number[]) => void,
): void {
  if (vlan === undefined) return;
  const [first] = vlan.vlans;
  if (!vlan.list && first !== undefined) {
    numbers(IFLA_VF_VLAN, IFLA_VF_VLAN_SIZE, [first.id, first.qos]);
    return;
  }
  info.nest(IFLA_VF_VLAN_LIST, (list) => {
    for (const { id, qos, protocol } of vlan.vlans)
      list.struct(IFLA_VF_VLAN_INFO, IFLA_VF_VLAN_INFO_SIZE, (view, at) => {
        for (const [index, value] of [vf, id, qos].entries()) view.setUint32(at + index * 4, value, LITTLE_ENDIAN);
        view.setUint16(at + 12, protocol, false);
      });
  });
}
