import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { IFF_LOWER_UP, IFF_RUNNING, IFF_UP } from '../uapi/if.js';
import { IFLA_INFO_KIND, IFLA_LINKINFO } from '../uapi/if-link.js';
import { IFINFOMSG_SIZE, NEW_LINK, RTM_DELLINK, RTM_NEWLINK } from '../uapi/rtnetlink.js';

/** What the kernel's own changes of routes and nexthop objects follow. */
export const LINK_STATE = IFF_UP | IFF_RUNNING | IFF_LOWER_UP;

/** What has happened to a link. */
export interface LinkEvent {
  readonly ifindex: number;
  /** `changed`: one of the watched flags, or it is not known whether one has. */
  readonly what: 'new' | 'changed' | 'gone';
  /** Those of the watched flags that are set now. */
  readonly flags: number;
}

/**
 * Makes a function that tells whether a message is about a link that is new or gone, or has changed one of some flags.
 *
 * @param mask the flags, `IFF_…`
 */
export function watchLinks(
  mask: number,
): (bytes: MessageBytes, start: number, end: number, type: number) => LinkEvent | undefined {
  const known = new Map<number, number>();
  return (bytes, start, end, type) => {
    if (!isAboutLink(bytes, start, end, type)) return undefined;
    const ifindex = bytes.i32[(start + 4) >> 2] ?? 0;
    const flags = (bytes.u32[(start + 8) >> 2] ?? 0) & mask;
    if (type === RTM_DELLINK) {
      known.delete(ifindex);
      return { ifindex, what: 'gone', flags };
    }
    const before = known.get(ifindex);
    known.set(ifindex, flags);
    if (bytes.u32[(start + 12) >> 2] === NEW_LINK) return { ifindex, what: 'new', flags };
    return flags === before ? undefined : { ifindex, what: 'changed', flags };
  };
}

/**
 * Makes a function that tells whether a message is about a link that has gone up or down, or has got or lost its carrier:
 * the kernel then changes and removes routes and nexthop objects without a message about them.
 */
export function watchLinkState(): (bytes: MessageBytes, start: number, end: number, type: number) => boolean {
  const eventOf = watchLinks(LINK_STATE);
  return (bytes, start, end, type) => eventOf(bytes, start, end, type)?.what === 'changed';
}

/** Whether a message is about a link; a bridge tells of its ports in messages of its own family. */
export function isAboutLink(bytes: MessageBytes, start: number, end: number, type: number): boolean {
  return (type === RTM_NEWLINK || type === RTM_DELLINK) && end - start >= IFINFOMSG_SIZE && bytes.u8[start] === 0;
}

/** A text of a message about a link, `IFLA_IFNAME` say; empty where the kernel does not tell it. */
export function linkText(bytes: MessageBytes, start: number, end: number, attribute: number): string {
  const attributes = new AttributeReader(bytes, start + IFINFOMSG_SIZE, end);
  while (attributes.next()) if (attributes.type === attribute) return attributes.string();
  return '';
}

/** The kernel's name of a link's kind, of a message about it; empty where it has none. */
export function linkKind(bytes: MessageBytes, start: number, end: number): string {
  const attributes = new AttributeReader(bytes, start + IFINFOMSG_SIZE, end);
  while (attributes.next()) {
    if (attributes.type !== IFLA_LINKINFO) continue;
    const info = attributes.nested();
    while (info.next()) if (info.type === IFLA_INFO_KIND) return info.string();
  }
  return '';
}
