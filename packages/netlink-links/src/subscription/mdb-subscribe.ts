import type { MdbEntry } from '../mdb/mdb-entry.js';
import { readMdb } from '../mdb/read.js';
import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO } from '../uapi/if-link.js';
import { IFLA_BR_MCAST_SNOOPING } from '../uapi/if-link-kinds.js';
import {
  IFINFOMSG_SIZE,
  NEW_LINK,
  RTM_DELLINK,
  RTM_DELMDB,
  RTM_NEWMDB,
  RTNLGRP_LINK,
  RTNLGRP_MDB,
} from '../uapi/rtnetlink.js';
import { isAboutLink } from './link-state.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of multicast groups. */
export type MdbUpdate = Update<'entry', MdbEntry> | Resync<'entries', MdbEntry>;

const topic = (): Topic<MdbUpdate, MdbEntry> => {
  // The bridges and VXLANs that are known to have entries; until everything was listed, any may have.
  let isListed = false;
  const bridges = new Set<number>();
  const snooping = new Map<number, number>();
  return {
    name: 'mdbSubscribe',
    groups: [RTNLGRP_MDB, RTNLGRP_LINK],
    // The kernel says nothing of the groups that go with a bridge, and of those that it does not list while the bridge is
    // told not to snoop.
    hasSilentEffects(bytes, start, end, type) {
      if (!isAboutLink(bytes, start, end, type)) return false;
      const ifindex = bytes.i32[(start + 4) >> 2] ?? 0;
      if (type === RTM_DELLINK) {
        snooping.delete(ifindex);
        return bridges.delete(ifindex) || !isListed;
      }
      const now = snoopingOf(bytes, start, end);
      if (now === undefined) return false;
      const before = snooping.get(ifindex);
      snooping.set(ifindex, now);
      return before !== now && bytes.u32[(start + 12) >> 2] !== NEW_LINK;
    },
    read(bytes, start, end, type, flags) {
      if (type !== RTM_NEWMDB && type !== RTM_DELMDB) return undefined;
      return readMdb(bytes, start, end).map((entry) => {
        if (type === RTM_NEWMDB) bridges.add(entry.ifindex);
        return { type: type === RTM_NEWMDB ? 'new' : 'deleted', message: { type, flags }, entry };
      });
    },
    list: (netlink) => netlink.mdbList(),
    listed(entries) {
      isListed = true;
      bridges.clear();
      for (const { ifindex } of entries) bridges.add(ifindex);
    },
    existing: (entry) => ({ type: 'existing', entry }),
    resync: (entries) => ({ type: 'resync', entries }),
  };
};

/** Whether a bridge snoops (1 or 0), of a message about it; `undefined` of one about another link. */
function snoopingOf(bytes: MessageBytes, start: number, end: number): number | undefined {
  const attributes = new AttributeReader(bytes, start + IFINFOMSG_SIZE, end);
  while (attributes.next()) {
    if (attributes.type !== IFLA_LINKINFO) continue;
    const info = attributes.nested();
    let isBridge = false;
    while (info.next()) {
      if (info.type === IFLA_INFO_KIND) isBridge = info.string() === 'bridge';
      if (!isBridge || info.type !== IFLA_INFO_DATA) continue;
      const data = info.nested();
      while (data.next()) if (data.type === IFLA_BR_MCAST_SNOOPING) return data.u8();
    }
  }
  return undefined;
}

/**
 * Subscribes to changes of the multicast groups of bridges and VXLANs. Groups that go with their bridge are told by a
 * `resync`, since the kernel says nothing of them.
 *
 * ```ts
 * for await (const update of mdbSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function mdbSubscribe(options: SubscribeOptions = {}): Subscription<MdbUpdate> {
  return new Subscription(() => topic() as Topic<MdbUpdate, unknown>, options);
}
