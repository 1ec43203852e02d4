import type { BridgeVlan } from '../bridge-vlan/bridge-vlan.js';
import { readVlanRanges } from '../bridge-vlan/read-database.js';
import { RTM_DELLINK, RTM_DELVLAN, RTM_NEWVLAN, RTNLGRP_BRVLAN, RTNLGRP_LINK } from '../uapi/rtnetlink.js';
import { isAboutLink, linkKind } from './link-state.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of VLANs of bridges and their ports. Of one that is `deleted` the kernel tells the link and the number. */
export type BridgeVlanUpdate = Update<'vlan', BridgeVlan> | Resync<'vlans', BridgeVlan>;

const topic = (nsid?: number): Topic<BridgeVlanUpdate, BridgeVlan> => {
  /** Whether a link is a bridge, which messages about VLANs do not say. */
  const bridges = new Map<number, boolean>();
  /** Links with VLANs that are mapped to VXLANs. */
  const mapped = new Set<number>();
  let isListed = false;
  return {
    name: 'bridgeVlanSubscribe',
    groups: [RTNLGRP_BRVLAN, RTNLGRP_LINK],
    hasSilentEffects(bytes, start, end, type) {
      if (isAboutLink(bytes, start, end, type)) {
        const index = bytes.i32[(start + 4) >> 2] ?? 0;
        if (type === RTM_DELLINK) bridges.delete(index);
        else bridges.set(index, linkKind(bytes, start, end) === 'bridge');
        return false;
      }
      if (type !== RTM_NEWVLAN && type !== RTM_DELVLAN) return false;
      const { ifindex, ranges } = readVlanRanges(bytes, start, end);
      if (!bridges.has(ifindex)) return true;
      if (type === RTM_DELVLAN) return false;
      // Without a word another VLAN ceases to be that of packets without a tag; and only the first of a range says to what
      // it is mapped.
      const mayBeMapped = mapped.has(ifindex) || !isListed;
      return ranges.some(
        ({ vid, vidEnd, pvid, tunnelId }) => pvid || (vidEnd > vid && (mayBeMapped || tunnelId !== undefined)),
      );
    },
    read(bytes, start, end, type, flags) {
      if (type !== RTM_NEWVLAN && type !== RTM_DELVLAN) return undefined;
      const { ifindex, ranges } = readVlanRanges(bytes, start, end);
      const isBridge = bridges.get(ifindex);
      // Everything is being listed, since it is not known what it is. In another namespace nothing can be listed.
      if (isBridge === undefined && nsid === undefined) return undefined;
      const updates: BridgeVlanUpdate[] = [];
      for (const { vidEnd, tunnelId, ...first } of ranges) {
        if (tunnelId !== undefined) mapped.add(ifindex);
        for (let { vid } = first; vid <= vidEnd; vid += 1)
          updates.push({
            type: type === RTM_NEWVLAN ? 'new' : 'deleted',
            message: { type, flags },
            vlan: {
              ifindex,
              ...first,
              vid,
              ...(tunnelId !== undefined && { tunnelId: tunnelId + vid - first.vid }),
              ...(isBridge === true && { self: true }),
            },
          });
      }
      return updates;
    },
    list: (netlink) => netlink.bridgeVlanList(),
    listed(vlans) {
      isListed = true;
      mapped.clear();
      for (const { ifindex, self, tunnelId } of vlans) {
        bridges.set(ifindex, self === true);
        if (tunnelId !== undefined) mapped.add(ifindex);
      }
    },
    existing: (vlan) => ({ type: 'existing', vlan }),
    resync: (vlans) => ({ type: 'resync', vlans }),
  };
};

/**
 * Subscribes to changes of the VLANs that bridges and their ports belong to. Where the kernel tells a part only, everything
 * is told by a `resync`. Linux 5.6 and later.
 *
 * ```ts
 * for await (const update of bridgeVlanSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function bridgeVlanSubscribe(options: SubscribeOptions = {}): Subscription<BridgeVlanUpdate> {
  return new Subscription((nsid) => topic(nsid) as Topic<BridgeVlanUpdate, unknown>, options);
}
