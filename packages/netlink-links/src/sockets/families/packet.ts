import { AF_PACKET } from 'netns-core/sys';
import { type BpfInstruction, readBytecode } from '../../bpf/attachment.js';
import { type FilterProtocol, filterProtocols } from '../../filter/kinds/protocol.js';
import { AttributeReader } from '../../message/attribute-reader.js';
import { flagNames } from '../../message/flag-names.js';
import { formatHardwareAddress } from '../../message/hardware-address.js';
import { withJson } from '../../message/json.js';
import type { Mutable } from '../../message/mutable.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import {
  PACKET_DIAG_FANOUT,
  PACKET_DIAG_FILTER,
  PACKET_DIAG_INFO,
  PACKET_DIAG_MCLIST,
  PACKET_DIAG_MCLIST_SIZE,
  PACKET_DIAG_MEMINFO,
  PACKET_DIAG_MSG_SIZE,
  PACKET_DIAG_RX_RING,
  PACKET_DIAG_TX_RING,
  PACKET_DIAG_UID,
  PACKET_SHOW_FANOUT,
  PACKET_SHOW_FILTER,
  PACKET_SHOW_INFO,
  PACKET_SHOW_MCLIST,
  PACKET_SHOW_MEMINFO,
  PACKET_SHOW_RING_CFG,
} from '../../uapi/packet-diag.js';
import { cookieAt } from './cookie.js';
import { identityWords, isOfFamily, type SocketFamilyKind } from './family.js';
import { type SocketIdentity, type SocketType, socketType } from './identity.js';
import { readMemory, type SocketMemory } from './memory.js';

/** What a packet socket does; packet(7). */
export type PacketSocketFlag = 'running' | 'auxdata' | 'origdev' | 'vnethdr' | 'loss';

/** A ring that packets lie in; `PACKET_RX_RING` of packet(7). Sizes are bytes. */
export interface PacketRing {
  readonly blockSize: number;
  readonly blocks: number;
  readonly frameSize: number;
  readonly frames: number;
  /** Milliseconds, of TPACKET_V3. */
  readonly retireTimeout: number;
  readonly privateSize: number;
  readonly features: number;
}

/** What a packet socket receives beside what is for its link; `PACKET_ADD_MEMBERSHIP` of packet(7). */
export interface PacketMembership {
  readonly ifindex: number;
  /** How often it was added. */
  readonly count: number;
  /** `PACKET_MR_…`; one without a name here is its number. */
  readonly type: 'multicast' | 'promisc' | 'allmulti' | 'unicast' | number;
  readonly address: string;
}

/** A packet socket, as programs have that capture. */
export interface PacketSocketInfo extends SocketIdentity {
  readonly family: 'packet';
  /** `'raw'` with the header of the link layer, `'dgram'` without it. */
  readonly type: SocketType;
  /** Of the packets that it receives, `'all'` for all; 0 for none. */
  readonly protocol: FilterProtocol;
  /** The link that it is bound to; absent where it is bound to none. */
  readonly ifindex?: number;
  readonly uid?: number;
  /** Of the headers in its rings: 1, 2 or 3. */
  readonly version?: number;
  /** Bytes before each packet in a ring. */
  readonly reserve?: number;
  /** The longest packet that is copied beside the ring; 0 if none is. */
  readonly copyThreshold?: number;
  /** `SOF_TIMESTAMPING_…` */
  readonly timestamping?: number;
  readonly flags?: readonly (PacketSocketFlag | number)[];
  readonly memberships?: readonly PacketMembership[];
  readonly rxRing?: PacketRing;
  readonly txRing?: PacketRing;
  /** The group of sockets among which packets are spread; `PACKET_FANOUT` of packet(7). */
  readonly fanout?: { readonly id: number; readonly type: number; readonly flags: number };
  /** The filter that it has, in instructions of classic BPF; told to those with CAP_NET_ADMIN. */
  readonly filter?: readonly BpfInstruction[];

  // What `details` ask for.

  readonly memory?: SocketMemory;
}

const MEMBERSHIPS = ['multicast', 'promisc', 'allmulti', 'unicast'] as const;
const flags = flagNames<PacketSocketFlag>(['running', 'auxdata', 'origdev', 'vnethdr', 'loss']);

const SHOW = PACKET_SHOW_INFO | PACKET_SHOW_MCLIST | PACKET_SHOW_RING_CFG | PACKET_SHOW_FANOUT | PACKET_SHOW_FILTER;

function readRing(value: AttributeReader): PacketRing {
  return {
    blockSize: value.u32At(0),
    blocks: value.u32At(4),
    frameSize: value.u32At(8),
    frames: value.u32At(12),
    retireTimeout: value.u32At(16),
    privateSize: value.u32At(20),
    features: value.u32At(24),
  };
}

function readMemberships(value: AttributeReader): PacketMembership[] {
  return Array.from({ length: Math.floor(value.length / PACKET_DIAG_MCLIST_SIZE) }, (_, index) => {
    const at = index * PACKET_DIAG_MCLIST_SIZE;
    const type = value.u16At(at + 8);
    const first = value.start + at + 12;
    const length = Math.min(value.u16At(at + 10), PACKET_DIAG_MCLIST_SIZE - 12);
    return {
      ifindex: value.u32At(at),
      count: value.u32At(at + 4),
      type: MEMBERSHIPS[type] ?? type,
      address: formatHardwareAddress(value.bytes.u8, first, first + length),
    };
  });
}

export const packetSockets: SocketFamilyKind<PacketSocketInfo> = {
  number: AF_PACKET,
  protocol: 0,
  module: 'af_packet_diag',
  criteria: ['link', 'inode', 'cookie', 'uid'],
  details: ['memory'],
  words: (question) => identityWords(question, question.details.has('memory') ? SHOW | PACKET_SHOW_MEMINFO : SHOW),
  read(bytes, start, end, details) {
    if (!isOfFamily(bytes, start, end, { family: AF_PACKET, size: PACKET_DIAG_MSG_SIZE })) return undefined;
    const { u8, u16, u32 } = bytes;
    const socket: Mutable<PacketSocketInfo> = withJson({
      family: 'packet',
      type: socketType(u8[start + 1] ?? 0),
      protocol: filterProtocols.name(u16[(start + 2) >> 1] ?? 0),
      cookie: cookieAt(bytes, start + 8),
      inode: u32[(start + 4) >> 2] ?? 0,
    });
    const attributes = new AttributeReader(bytes, start + PACKET_DIAG_MSG_SIZE, end);
    while (attributes.next())
      switch (attributes.type) {
        case PACKET_DIAG_INFO: {
          const ifindex = attributes.u32At(0);
          if (ifindex !== 0) socket.ifindex = ifindex;
          socket.version = attributes.u32At(4) + 1;
          socket.reserve = attributes.u32At(8);
          socket.copyThreshold = attributes.u32At(12);
          socket.timestamping = attributes.u32At(16);
          socket.flags = flags(attributes.u32At(20));
          break;
        }
        case PACKET_DIAG_MCLIST:
          socket.memberships = readMemberships(attributes);
          break;
        case PACKET_DIAG_RX_RING:
          socket.rxRing = readRing(attributes);
          break;
        case PACKET_DIAG_TX_RING:
          socket.txRing = readRing(attributes);
          break;
        case PACKET_DIAG_FANOUT: {
          const fanout = attributes.u32();
          socket.fanout = { id: fanout & 0xffff, type: (fanout >>> 16) & 0xff, flags: fanout >>> 24 };
          break;
        }
        case PACKET_DIAG_UID:
          socket.uid = attributes.u32();
          break;
        case PACKET_DIAG_MEMINFO:
          if (details.has('memory')) socket.memory = readMemory(attributes);
          break;
        case PACKET_DIAG_FILTER:
          // Empty for those who may not see it.
          if (attributes.length > 0) socket.filter = readBytecode(attributes);
          break;
        default:
          keepUnknown(attributes, socket);
      }
    return socket;
  },
};
