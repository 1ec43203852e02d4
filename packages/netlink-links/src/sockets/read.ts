import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { AttributeReader } from '../message/attribute-reader.js';
import { formatAddressBytes } from '../message/ip-address.js';
import { withJson } from '../message/json.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import {
  INET_DIAG_CGROUP_ID,
  INET_DIAG_CONG,
  INET_DIAG_INFO,
  INET_DIAG_MARK,
  INET_DIAG_MSG_ID,
  INET_DIAG_MSG_SIZE,
  INET_DIAG_SHUTDOWN,
  INET_DIAG_SKMEMINFO,
  INET_DIAG_SKV6ONLY,
  INET_DIAG_TCLASS,
  INET_DIAG_TOS,
  INET_DIAG_ULP_INFO,
  INET_ULP_INFO_NAME,
  SOCKID_COOKIE,
  SOCKID_DPORT,
  SOCKID_DST,
  SOCKID_IF,
  SOCKID_SPORT,
  SOCKID_SRC,
} from '../uapi/sock-diag.js';
import { socketStates } from './numbers.js';
import type { SocketDetail, SocketInfo, SocketMemory, SocketProtocol } from './socket-info.js';
import { readTcpInfo } from './tcp-info.js';

const TIMERS = [undefined, 'retransmit', 'keepalive', 'time-wait', 'probe'] as const;
const NEW_SYN_RECV = 12;
const SYN_RECV = 3;

/** Reads `struct inet_diag_msg` and the details that were asked for; nothing for other families. */
export function readSocket(
  bytes: MessageBytes,
  start: number,
  end: number,
  protocol: SocketProtocol,
  details: ReadonlySet<SocketDetail>,
): SocketInfo | undefined {
  if (end - start < INET_DIAG_MSG_SIZE) {
    bytes.fail('a message about a socket is shorter than its header');
    return undefined;
  }
  const { u8, u32, view } = bytes;
  const family = u8[start];
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const id = start + INET_DIAG_MSG_ID;
  const length = family === AF_INET ? 4 : 16;
  const word = (at: number): number => u32[at >> 2] ?? 0;
  const state = u8[start + 1] ?? 0;
  const counters = id + SOCKID_COOKIE + 8;
  const socket: Mutable<SocketInfo> = withJson({
    family: family === AF_INET ? 'ipv4' : 'ipv6',
    protocol,
    state: socketStates.name(state === NEW_SYN_RECV ? SYN_RECV : state),
    local: { address: formatAddressBytes(bytes, id + SOCKID_SRC, length), port: view.getUint16(id + SOCKID_SPORT) },
    remote: { address: formatAddressBytes(bytes, id + SOCKID_DST, length), port: view.getUint16(id + SOCKID_DPORT) },
    cookie: (BigInt(word(id + SOCKID_COOKIE + 4)) << 32n) | BigInt(word(id + SOCKID_COOKIE)),
    inode: word(counters + 16),
    uid: word(counters + 12),
    receiveQueue: word(counters + 4),
    sendQueue: word(counters + 8),
  });
  const ifindex = word(id + SOCKID_IF);
  if (ifindex !== 0) socket.ifindex = ifindex;
  const timer = u8[start + 2] ?? 0;
  if (timer !== 0)
    socket.timer = { kind: TIMERS[timer] ?? timer, expires: word(counters), retransmits: u8[start + 3] ?? 0 };
  const attributes = new AttributeReader(bytes, start + INET_DIAG_MSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case INET_DIAG_SKV6ONLY:
        socket.ipv6Only = attributes.u8() !== 0;
        break;
      case INET_DIAG_SKMEMINFO:
        if (details.has('memory')) socket.memory = readMemory(attributes);
        break;
      case INET_DIAG_INFO:
        if (details.has('tcp') && protocol === 'tcp') socket.tcp = readTcpInfo(attributes);
        break;
      case INET_DIAG_CONG:
        if (details.has('congestion')) socket.congestion = attributes.string();
        break;
      case INET_DIAG_TOS:
        if (details.has('tos')) socket.tos = attributes.u8();
        break;
      case INET_DIAG_TCLASS:
        if (details.has('tos')) socket.tclass = attributes.u8();
        break;
      case INET_DIAG_SHUTDOWN:
        if (details.has('shutdown')) socket.shutdown = attributes.u8();
        break;
      case INET_DIAG_MARK:
        if (details.has('mark')) socket.mark = attributes.u32();
        break;
      case INET_DIAG_CGROUP_ID:
        if (details.has('cgroup')) socket.cgroupId = attributes.u64();
        break;
      case INET_DIAG_ULP_INFO: {
        if (!details.has('ulp')) break;
        const info = attributes.nested();
        while (info.next()) if (info.type === INET_ULP_INFO_NAME) socket.ulp = info.string();
        break;
      }
    }
  return socket;
}

function readMemory(value: AttributeReader): SocketMemory {
  return {
    rmemAlloc: value.u32At(0),
    receiveBuffer: value.u32At(4),
    wmemAlloc: value.u32At(8),
    sendBuffer: value.u32At(12),
    forwardAlloc: value.u32At(16),
    wmemQueued: value.u32At(20),
    optionMemory: value.u32At(24),
    backlog: value.u32At(28),
    // Linux 4.7
    drops: value.length >= 36 ? value.u32At(32) : 0,
  };
}
