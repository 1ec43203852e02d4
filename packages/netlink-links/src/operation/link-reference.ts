import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { IFNAMSIZ } from 'netns-core/sys';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { MessageWriter } from '../message/message-writer.js';
import { IFLA_ALT_IFNAME, IFLA_EXT_MASK, IFLA_IF_NETNSID, IFLA_IFNAME } from '../uapi/if-link.js';
import { IFINFOMSG_SIZE, RTEXT_FILTER_SKIP_STATS, RTM_GETLINK } from '../uapi/rtnetlink.js';
import { LinkNotFoundError, NetlinkError, type OperationIdentity } from './errors.js';
import { checkLookupName } from './link-name.js';
import { ask, type Program } from './operation.js';
import { one } from './request.js';

/**
 * Which link: its name or an alternative name, its index, or an object that has its index (a `Link`, say). A name is
 * looked up when the operation runs; an index saves that.
 */
export type LinkReference = string | number | { readonly index: number };

/**
 * Checks a reference and gives the plain form of it: a name or an index.
 *
 * @param property that has it, for the error
 * @throws InvalidOptionError
 */
export function checkLinkReference(link: LinkReference, property = 'link'): string | number {
  if (typeof link === 'string') return checkLookupName(link, property);
  const index: unknown = typeof link === 'object' && link !== null ? link.index : link;
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 1 || index > MAX_IFINDEX)
    throw new InvalidOptionError(
      property,
      `${property} must be the name of a link, its index (an integer from 1 to ${MAX_IFINDEX}) or a Link, got ${shown(link)}${typeof link === 'object' && link !== null ? ` whose index is ${shown(index)}` : ''}`,
    );
  return index;
}

/**
 * Checks the link that a spec names, by reference as `link` or by index as `ifindex`.
 *
 * @param what needs it, for the error: `'a neighbour'`
 * @throws InvalidOptionError
 */
export function checkLinkOf(
  what: string,
  { link, ifindex }: { readonly link?: LinkReference | undefined; readonly ifindex?: number | undefined },
): { readonly link: string | number; readonly shown: string } {
  const reference = link === undefined ? ifindex : link;
  if (reference === undefined) throw new InvalidOptionError('link', `${what} needs a link: \`link\` or \`ifindex\``);
  return {
    link: checkLinkReference(reference, link === undefined ? 'ifindex' : 'link'),
    shown: describeLink(reference),
  };
}

/** The same of a reference that may be left out. */
export function checkOptionalLink(link: LinkReference | undefined, property: string): string | number | undefined {
  return link === undefined ? undefined : checkLinkReference(link, property);
}

/** No identifier: the namespace of the connection. */
const THIS_NAMESPACE = -1;
const MAX_IFINDEX = 0x7fffffff;

/** How a link is called in descriptions and errors: its name, or `#7` for an index; of an object its name, if it has one. */
export function describeLink(link: LinkReference): string {
  if (typeof link === 'string') return link;
  if (typeof link === 'number') return `#${link}`;
  // Before it is checked: anything may have been passed.
  const { name, index } = (link ?? {}) as { name?: unknown; index?: unknown };
  return typeof name === 'string' ? name : typeof index === 'number' ? `#${index}` : shown(link);
}

/** Writes a name as the attribute that is long enough for it. */
export function writeLookupName(writer: MessageWriter, name: string): void {
  writer.string(Buffer.byteLength(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
}

/** Writes `struct ifinfomsg`. */
export function writeLinkHeader(writer: MessageWriter, index: number, flags = 0, change = 0, family = 0): void {
  writer.header(IFINFOMSG_SIZE, (view, at) => {
    view.setUint8(at, family);
    view.setInt32(at + 4, index, LITTLE_ENDIAN);
    view.setUint32(at + 8, flags, LITTLE_ENDIAN);
    view.setUint32(at + 12, change, LITTLE_ENDIAN);
  });
}

/**
 * The index of a link, as a part of another operation's program: nothing is asked for an index.
 *
 * @param netnsId identifier of the namespace that has the link, where it is another than that of the connection
 * @throws LinkNotFoundError (when it runs) naming the operation that needs the link
 */
export function* resolveLinkIndex(
  operation: OperationIdentity,
  link: string | number,
  netnsId = THIS_NAMESPACE,
): Program<number> {
  if (typeof link === 'number') return link;
  const writer = new MessageWriter(RTM_GETLINK, 0);
  writeLinkHeader(writer, 0);
  writeLookupName(writer, link);
  writer.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  if (netnsId !== THIS_NAMESPACE) writer.i32(IFLA_IF_NETNSID, netnsId);
  try {
    return yield* ask(one(writer.finish(), (bytes, start) => bytes.i32[(start + 4) >> 2] ?? 0));
  } catch (error) {
    // Whatever link the operation itself is about, this one is missing.
    if (error instanceof NetlinkError && error.code === 'ENODEV')
      throw LinkNotFoundError.of(operation, link, error.extack);
    throw error;
  }
}
