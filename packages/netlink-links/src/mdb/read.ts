import { AttributeReader } from '../message/attribute-reader.js';
import { formatHardwareAddress } from '../message/hardware-address.js';
import { formatIp } from '../message/ip-address.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { keepUnknown, readInside } from '../message/unknown-attribute.js';
import { routeProtocols } from '../route/numbers.js';
import * as a from '../uapi/if-bridge.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../uapi/if-ether.js';
import type { MdbEntry } from './mdb-entry.js';
import { mdbFilterModes, mdbFlagNames, mdbStates } from './numbers.js';

/** The kernel counts hundredths of a second (USER_HZ) everywhere that Node runs. */
const USER_HZ = 100;

/** Reads the payload of `RTM_NEWMDB`, which has the groups of one bridge. */
export function readMdb(bytes: MessageBytes, start: number, end: number): MdbEntry[] {
  const entries: MdbEntry[] = [];
  if (end - start < a.BR_PORT_MSG_SIZE) {
    bytes.fail('a message about multicast groups is shorter than its header');
    return entries;
  }
  const ifindex = bytes.u32[(start + 4) >> 2] ?? 0;
  const attributes = new AttributeReader(bytes, start + a.BR_PORT_MSG_SIZE, end);
  while (attributes.next()) {
    if (attributes.type !== a.MDBA_MDB) continue;
    const groups = attributes.nested();
    while (groups.next()) {
      if (groups.type !== a.MDBA_MDB_ENTRY) continue;
      const ports = groups.nested();
      while (ports.next()) if (ports.type === a.MDBA_MDB_ENTRY_INFO) entries.push(readEntry(ports, ifindex));
    }
  }
  return entries;
}

function readEntry(info: AttributeReader, ifindex: number): MdbEntry {
  const vid = info.u16At(6);
  const protocol = info.u16beAt(24);
  const address = info.copy().subarray(8, 24);
  const entry: Mutable<MdbEntry> = {
    ifindex,
    portIndex: info.u32At(0),
    group:
      protocol === ETH_P_IP
        ? formatIp(address.subarray(0, 4))
        : protocol === ETH_P_IPV6
          ? formatIp(address)
          : formatHardwareAddress(address, 0, 6),
    state: mdbStates.name(info.u8At(4)),
    flags: mdbFlagNames(info.u8At(5)),
    ...(vid !== 0 && { vid }),
  };
  const attributes = new AttributeReader(info.bytes, info.start + a.BR_MDB_ENTRY_SIZE, info.end);
  while (attributes.next())
    switch (attributes.type) {
      case a.MDBA_MDB_EATTR_TIMER: {
        const timer = attributes.u32() / USER_HZ;
        if (timer !== 0) entry.timer = timer;
        break;
      }
      case a.MDBA_MDB_EATTR_SRC_LIST:
        readInside(attributes, entry, (list, notKnown) => {
          entry.sources = readSources(list, notKnown);
        });
        break;
      case a.MDBA_MDB_EATTR_GROUP_MODE:
        entry.filterMode = mdbFilterModes.name(attributes.u8());
        break;
      case a.MDBA_MDB_EATTR_SOURCE:
        entry.source = attributes.ipAddress();
        break;
      case a.MDBA_MDB_EATTR_RTPROT:
        entry.protocol = routeProtocols.name(attributes.u8());
        break;
      case a.MDBA_MDB_EATTR_DST:
        entry.dst = attributes.ipAddress();
        break;
      case a.MDBA_MDB_EATTR_DST_PORT:
        entry.dstPort = attributes.u16();
        break;
      case a.MDBA_MDB_EATTR_VNI:
        entry.vni = attributes.u32();
        break;
      case a.MDBA_MDB_EATTR_IFINDEX:
        entry.viaIndex = attributes.u32();
        break;
      case a.MDBA_MDB_EATTR_SRC_VNI:
        entry.sourceVni = attributes.u32();
        break;
      default:
        keepUnknown(attributes, entry);
    }
  return entry;
}

function readSources(list: AttributeReader, notKnown: () => void): readonly string[] {
  const sources: string[] = [];
  while (list.next()) {
    if (list.type !== a.MDBA_MDB_SRCLIST_ENTRY) {
      notKnown();
      continue;
    }
    const each = list.nested();
    while (each.next())
      if (each.type === a.MDBA_MDB_SRCATTR_ADDRESS) sources.push(each.ipAddress());
      else if (each.type !== a.MDBA_MDB_SRCATTR_TIMER) notKnown();
  }
  return sources;
}
