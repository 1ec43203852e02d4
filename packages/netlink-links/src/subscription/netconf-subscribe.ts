import type { Netconf } from '../netconf/netconf.js';
import { readNetconf } from '../netconf/read.js';
import {
  RTM_DELNETCONF,
  RTM_NEWNETCONF,
  RTNLGRP_IPV4_NETCONF,
  RTNLGRP_IPV6_NETCONF,
  RTNLGRP_MPLS_NETCONF,
} from '../uapi/rtnetlink.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of settings of links. An update of type `new` has those that have changed, and no others. */
export type NetconfUpdate = Update<'netconf', Netconf> | Resync<'netconfs', Netconf>;

const TOPIC: Topic<NetconfUpdate, Netconf> = {
  name: 'netconfSubscribe',
  groups: [RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF],
  newerGroups: [RTNLGRP_MPLS_NETCONF],
  // Without a word IPv4 links that have not been set themselves follow 'default', and 'default' of IPv6 follows 'all'.
  hasSilentEffects: (bytes, start, end, type) =>
    type === RTM_NEWNETCONF && typeof readNetconf(bytes, start, end)?.ifindex === 'string',
  read(bytes, start, end, type, flags) {
    if (type !== RTM_NEWNETCONF && type !== RTM_DELNETCONF) return undefined;
    const netconf = readNetconf(bytes, start, end);
    if (netconf === undefined) return undefined;
    return { type: type === RTM_NEWNETCONF ? 'new' : 'deleted', message: { type, flags }, netconf };
  },
  list: (netlink) => netlink.netconfList(),
  existing: (netconf) => ({ type: 'existing', netconf }),
  resync: (netconfs) => ({ type: 'resync', netconfs }),
};

/**
 * Subscribes to changes of the settings that links have for IPv4, IPv6 and MPLS. An update of type `new` has the settings
 * that have changed, and no others; one of type `deleted` has none.
 *
 * ```ts
 * for await (const update of netconfSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function netconfSubscribe(options: SubscribeOptions = {}): Subscription<NetconfUpdate> {
  return new Subscription(() => TOPIC as Topic<NetconfUpdate, unknown>, options);
}
