import type { AttributeReader } from '../../message/attribute-reader.js';
import { ETHERNET_ADDRESS_LENGTH, formatHardwareAddress } from '../../message/hardware-address.js';
import { withJson } from '../../message/json.js';
import type { Mutable } from '../../message/mutable.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import {
  IFLA_VF_BROADCAST,
  IFLA_VF_IB_NODE_GUID,
  IFLA_VF_IB_PORT_GUID,
  IFLA_VF_INFO,
  IFLA_VF_LINK_STATE,
  IFLA_VF_MAC,
  IFLA_VF_RATE,
  IFLA_VF_RSS_QUERY_EN,
  IFLA_VF_SPOOFCHK,
  IFLA_VF_STATS,
  IFLA_VF_STATS_BROADCAST,
  IFLA_VF_STATS_MULTICAST,
  IFLA_VF_STATS_RX_BYTES,
  IFLA_VF_STATS_RX_DROPPED,
  IFLA_VF_STATS_RX_PACKETS,
  IFLA_VF_STATS_TX_BYTES,
  IFLA_VF_STATS_TX_DROPPED,
  IFLA_VF_STATS_TX_PACKETS,
  IFLA_VF_TRUST,
  IFLA_VF_TX_RATE,
  IFLA_VF_VLAN,
  IFLA_VF_VLAN_INFO,
  IFLA_VF_VLAN_LIST,
} from '../../uapi/if-link-vf.js';
import { MEGABIT, vfLinkStates, vlanProtocols } from './numbers.js';
import type { Vf, VfStatistics, VfVlan } from './vf.js';

/** What the kernel tells where a driver has no such setting. */
const NO_SETTING = 0xffffffff;

const COUNTERS: Readonly<Record<number, Exclude<keyof VfStatistics, 'unknown'>>> = {
  [IFLA_VF_STATS_RX_PACKETS]: 'rxPackets',
  [IFLA_VF_STATS_TX_PACKETS]: 'txPackets',
  [IFLA_VF_STATS_RX_BYTES]: 'rxBytes',
  [IFLA_VF_STATS_TX_BYTES]: 'txBytes',
  [IFLA_VF_STATS_BROADCAST]: 'broadcast',
  [IFLA_VF_STATS_MULTICAST]: 'multicast',
  [IFLA_VF_STATS_RX_DROPPED]: 'rxDropped',
  [IFLA_VF_STATS_TX_DROPPED]: 'txDropped',
};

/** Reads the virtual functions of a device. @param addressLength how many bytes the device's own address has */
export function readVfs(list: AttributeReader, addressLength = ETHERNET_ADDRESS_LENGTH): Vf[] {
  const vfs: Vf[] = [];
  while (list.next()) if (list.type === IFLA_VF_INFO) vfs.push(readVf(list.nested(), addressLength));
  return vfs;
}

function readVf(info: AttributeReader, addressLength: number): Vf {
  const vf: Mutable<Vf> = { vf: 0 };
  const address = (from: number): string =>
    formatHardwareAddress(info.bytes.u8, info.start + from, Math.min(info.start + from + addressLength, info.end));
  const setting = (): boolean | undefined => {
    const value = info.u32At(4);
    return value === NO_SETTING ? undefined : value !== 0;
  };
  while (info.next())
    switch (info.type) {
      case IFLA_VF_MAC:
        vf.vf = info.u32At(0);
        vf.hardwareAddr = address(4);
        break;
      case IFLA_VF_BROADCAST:
        vf.broadcast = address(0);
        break;
      case IFLA_VF_VLAN_LIST:
        vf.vlan = readVlans(info.nested());
        break;
      case IFLA_VF_RATE:
        vf.minTxRate = info.u32At(4) * MEGABIT;
        vf.maxTxRate = info.u32At(8) * MEGABIT;
        break;
      case IFLA_VF_SPOOFCHK:
        vf.spoofCheck = setting();
        break;
      case IFLA_VF_LINK_STATE:
        vf.linkState = vfLinkStates.name(info.u32At(4));
        break;
      case IFLA_VF_RSS_QUERY_EN:
        vf.rssQuery = setting();
        break;
      case IFLA_VF_TRUST:
        vf.trust = setting();
        break;
      case IFLA_VF_IB_NODE_GUID:
        vf.nodeGuid = readGuid(info);
        break;
      case IFLA_VF_IB_PORT_GUID:
        vf.portGuid = readGuid(info);
        break;
      case IFLA_VF_STATS:
        vf.statistics = readStatistics(info.nested());
        break;
      // What the list of VLANs and the rates say as well.
      case IFLA_VF_VLAN:
      case IFLA_VF_TX_RATE:
        break;
      default:
        keepUnknown(info, vf);
    }
  return vf;
}

/** One VLAN as it is, several as a list. */
function readVlans(list: AttributeReader): VfVlan | VfVlan[] | undefined {
  const vlans: VfVlan[] = [];
  while (list.next())
    if (list.type === IFLA_VF_VLAN_INFO)
      vlans.push({ id: list.u32At(4), qos: list.u32At(8), protocol: vlanProtocols.name(list.u16beAt(12)) });
  return vlans.length > 1 ? vlans : vlans[0];
}

function readGuid(guid: AttributeReader): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, guid.u64At(8), false);
  return formatHardwareAddress(bytes, 0, bytes.length);
}

function readStatistics(counters: AttributeReader): VfStatistics {
  const statistics: Mutable<VfStatistics> = {};
  while (counters.next()) {
    const name = COUNTERS[counters.type];
    if (name !== undefined) statistics[name] = counters.u64();
    // What has no bytes only fills up to an address that is a multiple of eight.
    else if (counters.length > 0) keepUnknown(counters, statistics);
  }
  return withJson(statistics);
}
