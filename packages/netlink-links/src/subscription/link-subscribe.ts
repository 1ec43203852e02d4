import { LINK_FLAGS, type LinkFlag } from '../link/attributes/attributes.js';
import type { Link } from '../link/link.js';
import type { LinkPort } from '../link/ports/index.js';
import { readPort } from '../link/ports/read.js';
import { readLink } from '../link/read.js';
import { AttributeReader } from '../message/attribute-reader.js';
import { flagNames } from '../message/flag-names.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { IFLA_MASTER, IFLA_PROTINFO, IFLA_WIRELESS } from '../uapi/if-link.js';
import { AF_BRIDGE } from '../uapi/neighbour.js';
import { IFINFOMSG_SIZE, NEW_LINK, RTM_DELLINK, RTM_NEWLINK, RTNLGRP_LINK } from '../uapi/rtnetlink.js';
import { isAboutLink } from './link-state.js';
import {
  type FromNamespace,
  type Resync,
  type SubscribeOptions,
  Subscription,
  type Topic,
  type Update,
} from './subscription.js';

/** What a change of a link is about. */
export interface LinkChange {
  readonly type: 'new' | 'deleted';
  /** The flags that have changed, as the kernel numbers them (`ifi_change`); 0xffffffff for a link that is new or gone. */
  readonly changeMask: number;
  /** The names of these flags; none for a link that is new or gone. */
  readonly changedFlags: readonly LinkFlag[];
}

/**
 * Something has changed of a port of a bridge, or it has left the bridge: a bridge tells so in messages of its own, and of
 * settings of its ports in no others.
 */
export interface LinkPortUpdate extends FromNamespace {
  readonly type: 'port';
  /** Index of the port. */
  readonly ifindex: number;
  /** Index of the bridge; that of the one that it has left where it has. */
  readonly masterIndex?: number;
  /** What it is as a port, complete; absent where it has left the bridge. */
  readonly port?: LinkPort;
  /** The type (`RTM_…`) and the flags (`NLM_F_…`) of the kernel's message. */
  readonly message: { readonly type: number; readonly flags: number };
}

/** A change of links. */
export type LinkUpdate =
  | (Update<'link', Link> & ({ readonly type: 'existing' } | LinkChange))
  | LinkPortUpdate
  | Resync<'links', Link>;

const flagsOf = flagNames(LINK_FLAGS);

/** One end of a pair. The kernel announces the peer that was asked for before it has the other end, and not afterwards. */
type PairEnd = Extract<Link, { readonly peerIndex?: number }>;

const isPairEnd = (link: Link): link is PairEnd => 'peerIndex' in link;

const topic = (): Topic<LinkUpdate, Link> => {
  /** Ends of pairs that have no other end yet, as far as is known. */
  const alone = new Map<number, PairEnd>();
  return {
    name: 'linkSubscribe',
    groups: [RTNLGRP_LINK],
    hasSilentEffects(bytes, start, end, type) {
      if (type !== RTM_NEWLINK || !isAboutLink(bytes, start, end, type)) return false;
      if (bytes.u32[(start + 12) >> 2] !== NEW_LINK) return false;
      const link = readLink(bytes, start, end);
      return link !== undefined && isPairEnd(link) && link.peerIndex === 0;
    },
    // In the namespace of the other end it is told of.
    isListNeeded: () => alone.size > 0,
    read(bytes, start, end, type, flags) {
      if (type !== RTM_NEWLINK && type !== RTM_DELLINK) return undefined;
      const message = { type, flags };
      if (end - start >= IFINFOMSG_SIZE && bytes.u8[start] === AF_BRIDGE)
        return readPortUpdate(bytes, start, end, message);
      if (isWirelessEvent(bytes, start, end)) return undefined;
      const link = readLink(bytes, start, end);
      if (link === undefined) return undefined;
      const changeMask = bytes.u32[(start + 12) >> 2] ?? 0;
      const changedFlags = flagsOf(changeMask === NEW_LINK ? 0 : changeMask);
      alone.delete(link.index);
      if (type === RTM_DELLINK) return { type: 'deleted', changeMask, changedFlags, message, link };
      const change = changeMask === NEW_LINK ? 'added' : 'changed';
      const update: LinkUpdate = { type: 'new', change, changeMask, changedFlags, message, link };
      if (!isPairEnd(link) || link.linkNetnsId !== undefined) return update;
      const { index, peerIndex = 0 } = link;
      if (peerIndex === 0) alone.set(index, link);
      const peer = alone.get(peerIndex);
      if (peer === undefined) return update;
      alone.delete(peerIndex);
      const joined = { ...peer, parentIndex: index, peerIndex: index };
      return [update, { type: 'new', change: 'changed', changeMask: 0, changedFlags: [], message, link: joined }];
    },
    list: (netlink) => netlink.linkList(),
    listed: () => alone.clear(),
    existing: (link) => ({ type: 'existing', link }),
    resync: (links) => ({ type: 'resync', links }),
  };
};

/** A wireless event has the type of a message about a link, but nothing of the link besides its name. */
function isWirelessEvent(bytes: MessageBytes, start: number, end: number): boolean {
  if (end - start < IFINFOMSG_SIZE) return false;
  const attributes = new AttributeReader(bytes, start + IFINFOMSG_SIZE, end);
  while (attributes.next()) if (attributes.type === IFLA_WIRELESS) return true;
  return false;
}

/** Reads a bridge's message about one of its ports; nothing of one about the bridge itself. */
function readPortUpdate(
  bytes: MessageBytes,
  start: number,
  end: number,
  message: LinkPortUpdate['message'],
): LinkPortUpdate | undefined {
  let masterIndex: number | undefined;
  let port: LinkPort | undefined;
  const attributes = new AttributeReader(bytes, start + IFINFOMSG_SIZE, end);
  while (attributes.next()) {
    if (attributes.type === IFLA_MASTER) masterIndex = attributes.u32();
    if (attributes.type === IFLA_PROTINFO) port = readPort('bridge', attributes.nested());
  }
  const ifindex = bytes.i32[(start + 4) >> 2] ?? 0;
  const common = { type: 'port', ifindex, ...(masterIndex !== undefined && { masterIndex }), message } as const;
  if (message.type === RTM_DELLINK) return common;
  return port === undefined ? undefined : { ...common, port };
}

/**
 * Subscribes to changes of links, and of what they are as ports of bridges.
 *
 * ```ts
 * for await (const update of linkSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function linkSubscribe(options: SubscribeOptions = {}): Subscription<LinkUpdate> {
  return new Subscription(() => topic() as Topic<LinkUpdate, unknown>, options);
}
