import { type NamespaceRef, NetnsError, runInNamespace } from 'netns-core';
import { AF_NETLINK, Errno, LITTLE_ENDIAN, SOCK_CLOEXEC, SOCK_RAW, sys } from 'netns-core/sys';

/** `<linux/netlink.h>`, `<linux/rtnetlink.h>` */
const NETLINK_ROUTE = 0;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const NLM_F_REQUEST = 0x001;
const NLM_F_DUMP = 0x300;
const NLM_F_DUMP_INTR = 0x10;
const NLMSG_HEADER = 16;
const NLA_TYPE_MASK = 0x3fff;
/** `struct ifinfomsg` */
const IFINFOMSG = 16;

/** `<linux/if_link.h>` */
const IFLA_IFNAME = 3;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_VRF_TABLE = 1;

/** The kernel makes no messages of a dump that are larger. */
const BUFFER_SIZE = 65_536;
/** Links can change while they are listed; the list is begun anew then. */
const MAX_ATTEMPTS = 10;

/** A link of some kind. */
export interface KindOfLink {
  readonly name: string;
  readonly index: number;
  /** The routing table of a VRF device. */
  readonly table: number | undefined;
}

/**
 * The links of one kind in a namespace, in the order of their indexes. The few bytes of netlink that this takes are
 * written here: this package does without netlink-links.
 *
 * @throws NetnsError
 */
export function linksOfKind(namespace: NamespaceRef, kind: string): KindOfLink[] {
  const calls = sys();
  const fd = runInNamespace(namespace, () => calls.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (fd < 0) throw NetnsError.fromErrno(-fd, 'socket', 'cannot list the VRF devices of a namespace');
  try {
    for (let attempt = 0; ; attempt += 1) {
      const links = dump(fd, kind);
      if (links !== undefined) return links.sort((one, other) => one.index - other.index);
      if (attempt === MAX_ATTEMPTS)
        throw new NetnsError('cannot list the VRF devices of a namespace: its links keep changing', { code: 'EINTR' });
    }
  } finally {
    calls.close(fd);
  }
}

/** @returns `undefined` if links changed meanwhile, so that some may be missing */
function dump(fd: number, kind: string): KindOfLink[] | undefined {
  const calls = sys();
  const sent = calls.send(fd, dumpRequest(), 0);
  if (sent < 0) throw NetnsError.fromErrno(-sent, 'send', 'cannot list the VRF devices of a namespace');
  const links: KindOfLink[] = [];
  const buffer = new Uint8Array(BUFFER_SIZE);
  let interrupted = false;
  for (;;) {
    const length = calls.recv(fd, buffer, 0);
    if (length === -Errno.EINTR) continue;
    if (length < 0) throw NetnsError.fromErrno(-length, 'recv', 'cannot list the VRF devices of a namespace');
    for (const { type, flags, view } of netlinkMessages(buffer.subarray(0, length))) {
      interrupted ||= (flags & NLM_F_DUMP_INTR) !== 0;
      if (type === NLMSG_DONE) return interrupted ? undefined : links;
      if (type === NLMSG_ERROR)
        throw NetnsError.fromErrno(
          -view.getInt32(0, LITTLE_ENDIAN),
          'send',
          'cannot list the VRF devices of a namespace',
        );
      const link = type === RTM_NEWLINK ? readLink(view, kind) : undefined;
      if (link !== undefined) links.push(link);
    }
  }
}

function dumpRequest(): Uint8Array {
  const request = new DataView(new ArrayBuffer(NLMSG_HEADER + IFINFOMSG));
  request.setUint32(0, request.byteLength, LITTLE_ENDIAN);
  request.setUint16(4, RTM_GETLINK, LITTLE_ENDIAN);
  request.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, LITTLE_ENDIAN);
  return new Uint8Array(request.buffer);
}

interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly view: DataView;
}

/** What is cut off is left out. */
function* netlinkMessages(bytes: Uint8Array): Generator<NetlinkMessage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + NLMSG_HEADER <= view.byteLength; ) {
    const length = view.getUint32(at, LITTLE_ENDIAN);
    if (length < NLMSG_HEADER || at + length > view.byteLength) return;
    yield {
      type: view.getUint16(at + 4, LITTLE_ENDIAN),
      flags: view.getUint16(at + 6, LITTLE_ENDIAN),
      view: new DataView(bytes.buffer, bytes.byteOffset + at + NLMSG_HEADER, length - NLMSG_HEADER),
    };
    at += (length + 3) & ~3;
  }
}

/**
 * Reads what follows the header of an `RTM_NEWLINK` message.
 *
 * @returns `undefined` for a link of another kind
 */
export function readLink(view: DataView, kind: string): KindOfLink | undefined {
  if (view.byteLength < IFINFOMSG) return undefined;
  const link = attributes(view, IFINFOMSG);
  const info = link.get(IFLA_LINKINFO);
  const details = info === undefined ? undefined : attributes(info, 0);
  if (details === undefined || text(details.get(IFLA_INFO_KIND)) !== kind) return undefined;
  const data = details.get(IFLA_INFO_DATA);
  const table = kind === 'vrf' && data !== undefined ? attributes(data, 0).get(IFLA_VRF_TABLE) : undefined;
  return {
    name: text(link.get(IFLA_IFNAME)),
    index: view.getInt32(4, LITTLE_ENDIAN),
    table: table !== undefined && table.byteLength >= 4 ? table.getUint32(0, LITTLE_ENDIAN) : undefined,
  };
}

function attributes(view: DataView, start: number): Map<number, DataView> {
  const found = new Map<number, DataView>();
  for (let at = start; at + 4 <= view.byteLength; ) {
    const length = view.getUint16(at, LITTLE_ENDIAN);
    if (length < 4 || at + length > view.byteLength) break;
    const type = view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
    found.set(type, new DataView(view.buffer, view.byteOffset + at + 4, length - 4));
    at += (length + 3) & ~3;
  }
  return found;
}

function text(view: DataView | undefined): string {
  if (view === undefined) return '';
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}
