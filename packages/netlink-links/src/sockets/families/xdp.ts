import { AttributeReader } from '../../message/attribute-reader.js';
import { flagNames } from '../../message/flag-names.js';
import { withJson } from '../../message/json.js';
import type { Mutable } from '../../message/mutable.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import {
  AF_XDP,
  XDP_DIAG_INFO,
  XDP_DIAG_MEMINFO,
  XDP_DIAG_MSG_SIZE,
  XDP_DIAG_RX_RING,
  XDP_DIAG_STATS,
  XDP_DIAG_TX_RING,
  XDP_DIAG_UID,
  XDP_DIAG_UMEM,
  XDP_DIAG_UMEM_COMPLETION_RING,
  XDP_DIAG_UMEM_FILL_RING,
  XDP_SHOW_INFO,
  XDP_SHOW_MEMINFO,
  XDP_SHOW_RING_CFG,
  XDP_SHOW_STATS,
  XDP_SHOW_UMEM,
} from '../../uapi/xdp-diag.js';
import { cookieAt } from './cookie.js';
import { identityWords, isOfFamily, type SocketFamilyKind } from './family.js';
import { type SocketIdentity, type SocketType, socketType } from './identity.js';
import { readMemory, type SocketMemory } from './memory.js';

/** The memory that an XDP socket and its driver share. Sizes are bytes. */
export interface XdpUmem {
  readonly size: bigint;
  readonly id: number;
  readonly pages: number;
  readonly chunkSize: number;
  readonly headroom: number;
  readonly ifindex: number;
  readonly queueId: number;
  readonly flags: readonly ('zerocopy' | number)[];
  /** How many sockets use it. */
  readonly references: number;
}

/** What an XDP socket has counted. */
export interface XdpSocketStatistics {
  readonly rxDropped: bigint;
  readonly rxInvalid: bigint;
  readonly rxFull: bigint;
  readonly fillRingEmpty: bigint;
  readonly txInvalid: bigint;
  readonly txRingEmpty: bigint;
}

/** A socket that takes packets from a driver. */
export interface XdpSocketInfo extends SocketIdentity {
  readonly family: 'xdp';
  readonly type: SocketType;
  /** The link and the queue of it; absent where it is not bound. */
  readonly ifindex?: number;
  readonly queueId?: number;
  readonly uid?: number;
  /** How many packets each ring holds. */
  readonly rxRing?: number;
  readonly txRing?: number;
  readonly fillRing?: number;
  readonly completionRing?: number;
  readonly umem?: XdpUmem;
  /** Linux 5.9 */
  readonly statistics?: XdpSocketStatistics;

  // What `details` ask for.

  readonly memory?: SocketMemory;
}

const umemFlags = flagNames<'zerocopy'>(['zerocopy']);
const SHOW = XDP_SHOW_INFO | XDP_SHOW_RING_CFG | XDP_SHOW_UMEM | XDP_SHOW_STATS;

function readUmem(value: AttributeReader): XdpUmem {
  return withJson({
    size: value.u64At(0),
    id: value.u32At(8),
    pages: value.u32At(12),
    chunkSize: value.u32At(16),
    headroom: value.u32At(20),
    ifindex: value.u32At(24),
    queueId: value.u32At(28),
    flags: umemFlags(value.u32At(32)),
    references: value.u32At(36),
  });
}

function readStatistics(value: AttributeReader): XdpSocketStatistics {
  return withJson({
    rxDropped: value.u64At(0),
    rxInvalid: value.u64At(8),
    rxFull: value.u64At(16),
    fillRingEmpty: value.u64At(24),
    txInvalid: value.u64At(32),
    txRingEmpty: value.u64At(40),
  });
}

export const xdpSockets: SocketFamilyKind<XdpSocketInfo> = {
  number: AF_XDP,
  protocol: 0,
  module: 'xsk_diag',
  criteria: ['link', 'inode', 'cookie', 'uid'],
  details: ['memory'],
  words: (question) => identityWords(question, question.details.has('memory') ? SHOW | XDP_SHOW_MEMINFO : SHOW),
  read(bytes, start, end, details) {
    if (!isOfFamily(bytes, start, end, { family: AF_XDP, size: XDP_DIAG_MSG_SIZE })) return undefined;
    const { u8, u32 } = bytes;
    const socket: Mutable<XdpSocketInfo> = withJson({
      family: 'xdp',
      type: socketType(u8[start + 1] ?? 0),
      cookie: cookieAt(bytes, start + 8),
      inode: u32[(start + 4) >> 2] ?? 0,
    });
    const attributes = new AttributeReader(bytes, start + XDP_DIAG_MSG_SIZE, end);
    while (attributes.next())
      switch (attributes.type) {
        case XDP_DIAG_INFO: {
          const ifindex = attributes.u32At(0);
          if (ifindex === 0) break;
          socket.ifindex = ifindex;
          socket.queueId = attributes.u32At(4);
          break;
        }
        case XDP_DIAG_UID:
          socket.uid = attributes.u32();
          break;
        case XDP_DIAG_RX_RING:
          socket.rxRing = attributes.u32();
          break;
        case XDP_DIAG_TX_RING:
          socket.txRing = attributes.u32();
          break;
        case XDP_DIAG_UMEM:
          socket.umem = readUmem(attributes);
          break;
        case XDP_DIAG_UMEM_FILL_RING:
          socket.fillRing = attributes.u32();
          break;
        case XDP_DIAG_UMEM_COMPLETION_RING:
          socket.completionRing = attributes.u32();
          break;
        case XDP_DIAG_MEMINFO:
          if (details.has('memory')) socket.memory = readMemory(attributes);
          break;
        case XDP_DIAG_STATS:
          socket.statistics = readStatistics(attributes);
          break;
        default:
          keepUnknown(attributes, socket);
      }
    return socket;
  },
};
