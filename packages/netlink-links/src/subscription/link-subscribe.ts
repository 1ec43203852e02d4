import type { Link } from '../link/link.js';
import { readLink } from '../link/read.js';
import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { Netlink } from '../netlink/netlink.js';
import { IFLA_WIRELESS } from '../uapi/if-link.js';
import { IFINFOMSG_SIZE, NEW_LINK, RTM_DELLINK, RTM_NEWLINK, RTNLGRP_LINK } from '../uapi/rtnetlink.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of links. */
export type LinkUpdate = Update<'link', Link> | Resync<'links', Link>;

const TOPIC: Topic<LinkUpdate, Link> = {
  name: 'linkSubscribe',
  groups: [RTNLGRP_LINK],
  read(bytes, start, end, type) {
    if (type !== RTM_NEWLINK && type !== RTM_DELLINK) return undefined;
    if (isWirelessEvent(bytes, start, end)) return undefined;
    const link = readLink(bytes, start, end);
    if (link === undefined) return undefined;
    if (type === RTM_DELLINK) return { type: 'deleted', link };
    return { type: 'new', change: bytes.u32[(start + 12) >> 2] === NEW_LINK ? 'added' : 'changed', link };
  },
  list: (netlink) => netlink.linkList(),
  existing: (link) => ({ type: 'existing', link }),
  resync: (links) => ({ type: 'resync', links }),
};

/** A wireless event has the type of a message about a link, but nothing of the link besides its name. */
function isWirelessEvent(bytes: MessageBytes, start: number, end: number): boolean {
  if (end - start < IFINFOMSG_SIZE) return false;
  const attributes = new AttributeReader(bytes, start + IFINFOMSG_SIZE, end);
  while (attributes.next()) if (attributes.type === IFLA_WIRELESS) return true;
  return false;
}

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
