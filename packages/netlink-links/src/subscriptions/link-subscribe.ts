import type { Link } from '../links/link-union.js';
import { readLink } from '../links/read-link.js';
import { Netlink } from '../netlink.js';
import { RTM_DELLINK, RTM_NEWLINK, RTNLGRP_LINK } from '../uapi/rtnetlink.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of links. */
export type LinkUpdate = Update<'link', Link> | Resync<'links', Link>;

const TOPIC: Topic<LinkUpdate, Link> = {
  groups: [RTNLGRP_LINK],
  read(bytes, start, end, type) {
    if (type !== RTM_NEWLINK && type !== RTM_DELLINK) return undefined;
    const link = readLink(bytes, start, end);
    return link === undefined ? undefined : { type: type === RTM_NEWLINK ? 'new' : 'deleted', link };
  },
  list: (netlink) => netlink.linkList(),
  existing: (link) => ({ type: 'existing', link }),
  resync: (links) => ({ type: 'resync', links }),
};

/**
 * Subscribes to changes of links.
 *
 * ```ts
 * for await (const update of linkSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`
 */
export function linkSubscribe(options: SubscribeOptions = {}): Subscription<LinkUpdate> {
  return new Subscription(TOPIC as Topic<LinkUpdate, unknown>, options, (namespace) => Netlink.open(namespace));
}
