import { AF_NETLINK } from 'netns-core/sys';
import { AttributeReader } from '../../message/attribute-reader.js';
import { flagNames } from '../../message/flag-names.js';
import { withJson } from '../../message/json.js';
import type { Mutable } from '../../message/mutable.js';
import { NamedNumbers } from '../../message/named-numbers.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import {
  NDIAG_PROTO_ALL,
  NDIAG_SHOW_FLAGS,
  NDIAG_SHOW_GROUPS,
  NDIAG_SHOW_MEMINFO,
  NETLINK_DIAG_FLAGS,
  NETLINK_DIAG_GROUPS,
  NETLINK_DIAG_MEMINFO,
  NETLINK_DIAG_MSG_SIZE,
} from '../../uapi/netlink-diag.js';
import { cookieAt } from './cookie.js';
import { identityWords, isOfFamily, type SocketFamilyKind } from './family.js';
import { type SocketIdentity, type SocketType, socketType } from './identity.js';
import { readMemory, type SocketMemory } from './memory.js';

/** A protocol of netlink sockets, `NETLINK_…` of `<linux/netlink.h>`. */
export type NetlinkSocketProtocol =
  | 'route'
  | 'usersock'
  | 'sock_diag'
  | 'nflog'
  | 'xfrm'
  | 'selinux'
  | 'iscsi'
  | 'audit'
  | 'fib_lookup'
  | 'connector'
  | 'netfilter'
  | 'kobject_uevent'
  | 'generic'
  | 'scsitransport'
  | 'ecryptfs'
  | 'rdma'
  | 'crypto'
  | 'smc';

/** A setting of a netlink socket; netlink(7). */
export type NetlinkSocketFlag =
  | 'cb_running'
  | 'pktinfo'
  | 'broadcast_error'
  | 'no_enobufs'
  | 'listen_all_nsid'
  | 'cap_ack';

/** A netlink socket of a process, or one of the kernel's, whose port is 0. */
export interface NetlinkSocketInfo extends SocketIdentity {
  readonly family: 'netlink';
  readonly type: SocketType;
  /** One without a name here is its number. */
  readonly protocol: NetlinkSocketProtocol | number;
  /** Its address; 0 is that of the kernel. */
  readonly portId: number;
  /** Whether it is connected to `remotePortId` and `remoteGroup`. */
  readonly connected: boolean;
  readonly remotePortId: number;
  /** A mask, bit 0 for group 1. */
  readonly remoteGroup: number;
  /** The numbers of the groups that it listens to; absent where the kernel does not tell. */
  readonly groups?: readonly number[];
  /** Linux 4.10 */
  readonly flags?: readonly (NetlinkSocketFlag | number)[];

  // What `details` ask for.

  readonly memory?: SocketMemory;
}

const protocols = new NamedNumbers<NetlinkSocketProtocol>('protocol', {
  route: 0,
  usersock: 2,
  sock_diag: 4,
  nflog: 5,
  xfrm: 6,
  selinux: 7,
  iscsi: 8,
  audit: 9,
  fib_lookup: 10,
  connector: 11,
  netfilter: 12,
  kobject_uevent: 15,
  generic: 16,
  scsitransport: 18,
  ecryptfs: 19,
  rdma: 20,
  crypto: 21,
  smc: 22,
});

const flags = flagNames<NetlinkSocketFlag>([
  'cb_running',
  'pktinfo',
  'broadcast_error',
  'no_enobufs',
  'listen_all_nsid',
  'cap_ack',
]);

const CONNECTED = 1;
const SHOW = NDIAG_SHOW_GROUPS | NDIAG_SHOW_FLAGS;

/** The numbers of the groups in a mask: bit 0 is group 1. */
function groupsOf(mask: AttributeReader): number[] {
  const groups: number[] = [];
  for (let at = 0; at < mask.length; at += 1) {
    const byte = mask.u8At(at);
    for (let bit = 0; bit < 8; bit += 1) if ((byte & (1 << bit)) !== 0) groups.push(at * 8 + bit + 1);
  }
  return groups;
}

export const netlinkSockets: SocketFamilyKind<NetlinkSocketInfo> = {
  number: AF_NETLINK,
  protocol: NDIAG_PROTO_ALL,
  module: 'netlink_diag',
  criteria: ['inode', 'cookie'],
  details: ['memory'],
  words: (question) => identityWords(question, question.details.has('memory') ? SHOW | NDIAG_SHOW_MEMINFO : SHOW),
  read(bytes, start, end, details) {
    if (!isOfFamily(bytes, start, end, { family: AF_NETLINK, size: NETLINK_DIAG_MSG_SIZE })) return undefined;
    const { u8, u32 } = bytes;
    const word = (at: number): number => u32[(start + at) >> 2] ?? 0;
    const socket: Mutable<NetlinkSocketInfo> = withJson({
      family: 'netlink',
      type: socketType(u8[start + 1] ?? 0),
      protocol: protocols.name(u8[start + 2] ?? 0),
      portId: word(4),
      connected: u8[start + 3] === CONNECTED,
      remotePortId: word(8),
      remoteGroup: word(12),
      cookie: cookieAt(bytes, start + 20),
      inode: word(16),
    });
    const attributes = new AttributeReader(bytes, start + NETLINK_DIAG_MSG_SIZE, end);
    while (attributes.next())
      switch (attributes.type) {
        case NETLINK_DIAG_MEMINFO:
          if (details.has('memory')) socket.memory = readMemory(attributes);
          break;
        case NETLINK_DIAG_GROUPS:
          socket.groups = groupsOf(attributes);
          break;
        case NETLINK_DIAG_FLAGS:
          socket.flags = flags(attributes.u32());
          break;
        default:
          keepUnknown(attributes, socket);
      }
    return socket;
  },
};
