import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { AttributeReader } from '../../message/attribute-reader.js';
import { formatAddressBytes } from '../../message/ip-address.js';
import { withJson } from '../../message/json.js';
import type { MessageBytes } from '../../message/message-bytes.js';
import type { Mutable } from '../../message/mutable.js';
import { keepUnknown, readInside } from '../../message/unknown-attribute.js';
import {
  INET_DIAG_CGROUP_ID,
  INET_DIAG_CLASS_ID,
  INET_DIAG_CONG,
  INET_DIAG_INFO,
  INET_DIAG_MARK,
  INET_DIAG_MD5SIG,
  INET_DIAG_MEMINFO,
  INET_DIAG_MSG_ID,
  INET_DIAG_MSG_SIZE,
  INET_DIAG_PAD,
  INET_DIAG_SHUTDOWN,
  INET_DIAG_SKMEMINFO,
  INET_DIAG_SKV6ONLY,
  INET_DIAG_SOCKOPT,
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
} from '../../uapi/sock-diag.js';
import { cookieAt } from './cookie.js';
import type { SocketDetail } from './details.js';
import type { InternetSocketInfo, SocketProtocol } from './internet.js';
import { readMemory } from './memory.js';
import { socketStates } from './states.js';
import { readTcpInfo } from './tcp-info.js';

const TIMERS = [undefined, 'retransmit', 'keepalive', 'time-wait', 'probe'] as const;
const NEW_SYN_RECV = 12;
/**
 * Attributes that are left out: settings that the kernel always sends along, memory that it sends twice, and the keys of
 * `TCP_MD5SIG`, which are secrets.
 */
const NOT_TOLD: readonly number[] = [
  INET_DIAG_MEMINFO,
  INET_DIAG_PAD,
  INET_DIAG_CLASS_ID,
  INET_DIAG_SOCKOPT,
  INET_DIAG_MD5SIG,
];
const SYN_RECV = 3;

/** Reads `struct inet_diag_msg` and the details that were asked for; nothing for other families. */
export function readInternetSocket(
  bytes: MessageBytes,
  start: number,
  end: number,
  protocol: SocketProtocol,
  details: ReadonlySet<SocketDetail>,
): InternetSocketInfo | undefined {
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
  const socket: Mutable<InternetSocketInfo> = withJson({
    family: family === AF_INET ? 'ipv4' : 'ipv6',
    protocol,
    state: socketStates.name(state === NEW_SYN_RECV ? SYN_RECV : state),
    local: { address: formatAddressBytes(bytes, id + SOCKID_SRC, length), port: view.getUint16(id + SOCKID_SPORT) },
    remote: { address: formatAddressBytes(bytes, id + SOCKID_DST, length), port: view.getUint16(id + SOCKID_DPORT) },
    cookie: cookieAt(bytes, id + SOCKID_COOKIE),
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
      case INET_DIAG_ULP_INFO:
        if (!details.has('ulp')) break;
        readInside(attributes, socket, (info, notKnown) => {
          while (info.next())
            if (info.type === INET_ULP_INFO_NAME) socket.ulp = info.string();
            else notKnown();
        });
        break;
      default:
        if (!NOT_TOLD.includes(attributes.type)) keepUnknown(attributes, socket);
    }
  return socket;
}
