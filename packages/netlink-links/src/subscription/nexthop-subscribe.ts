import type { NexthopObject } from '../nexthop/nexthop.js';
import { readNexthop } from '../nexthop/read.js';
import { NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_DELNEXTHOP, RTM_NEWNEXTHOP, RTNLGRP_LINK, RTNLGRP_NEXTHOP } from '../uapi/rtnetlink.js';
import { watchLinkState } from './link-state.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of nexthop objects. */
export type NexthopUpdate = Update<'nexthop', NexthopObject> | Resync<'nexthops', NexthopObject>;

const topic = (): Topic<NexthopUpdate, NexthopObject> => ({
  name: 'nexthopSubscribe',
  groups: [RTNLGRP_NEXTHOP, RTNLGRP_LINK],
  // The kernel takes nexthop objects away without a word when their link goes down or loses its carrier.
  hasSilentEffects: watchLinkState(),
  read(bytes, start, end, type, flags) {
    if (type !== RTM_NEWNEXTHOP && type !== RTM_DELNEXTHOP) return undefined;
    const nexthop = readNexthop(bytes, start, end);
    if (nexthop === undefined) return undefined;
    const message = { type, flags };
    if (type === RTM_DELNEXTHOP) return { type: 'deleted', message, nexthop };
    return { type: 'new', change: (flags & NLM_F_REPLACE) !== 0 ? 'replaced' : 'added', message, nexthop };
  },
  list: (netlink) => netlink.nexthopList(),
  existing: (nexthop) => ({ type: 'existing', nexthop }),
  resync: (nexthops) => ({ type: 'resync', nexthops }),
});

/**
 * Subscribes to changes of nexthop objects. Those that go with their link are told by a `resync`, since the kernel says
 * nothing of them.
 *
 * ```ts
 * for await (const update of nexthopSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function nexthopSubscribe(options: SubscribeOptions = {}): Subscription<NexthopUpdate> {
  return new Subscription(() => topic() as Topic<NexthopUpdate, unknown>, options);
}
