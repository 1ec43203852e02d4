import { AF_UNIX } from 'netns-core/sys';
import { AttributeReader } from '../../message/attribute-reader.js';
import { withJson } from '../../message/json.js';
import type { Mutable } from '../../message/mutable.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import {
  UDIAG_SHOW_ICONS,
  UDIAG_SHOW_MEMINFO,
  UDIAG_SHOW_NAME,
  UDIAG_SHOW_PEER,
  UDIAG_SHOW_RQLEN,
  UDIAG_SHOW_UID,
  UDIAG_SHOW_VFS,
  UNIX_DIAG_ICONS,
  UNIX_DIAG_MEMINFO,
  UNIX_DIAG_MSG_SIZE,
  UNIX_DIAG_NAME,
  UNIX_DIAG_PEER,
  UNIX_DIAG_RQLEN,
  UNIX_DIAG_SHUTDOWN,
  UNIX_DIAG_UID,
  UNIX_DIAG_VFS,
} from '../../uapi/unix-diag.js';
import { cookieAt } from './cookie.js';
import { identityWords, isOfFamily, type SocketFamilyKind } from './family.js';
import { type Shutdown, type SocketIdentity, type SocketType, socketType } from './identity.js';
import { readMemory, type SocketMemory } from './memory.js';
import { type SocketState, socketStates } from './states.js';

/** A Unix domain socket; unix(7). */
export interface UnixSocketInfo extends SocketIdentity {
  readonly family: 'unix';
  readonly type: SocketType;
  /** `'listen'`, `'established'`, or `'close'` of one that is not connected. */
  readonly state: SocketState | number;
  /** Its path as it was bound, or its abstract name behind a `'@'`; only a path has a `file`. Absent of one that is not bound. */
  readonly path?: string;
  /** Inode of the socket at the other end; 0 of one that waits to be accepted, or belongs to no process any more. */
  readonly peerInode?: number;
  /** Of a listening one: the inodes of the sockets whose connections wait to be accepted. */
  readonly pendingInodes?: readonly number[];
  /** The file that it is bound to: its inode and device, as `fs.stat` has them. */
  readonly file?: { readonly inode: number; readonly device: number };
  /** Bytes that wait to be read; of a listening socket the connections that wait to be accepted. */
  readonly receiveQueue: number;
  /** Bytes that wait to be read at the other end; of a listening socket the most connections that may wait. */
  readonly sendQueue: number;
  /** Linux 4.20 */
  readonly uid?: number;

  // What `details` ask for.

  readonly memory?: SocketMemory;
  readonly shutdown?: Shutdown;
}

const SHOW = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_ICONS | UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID;

const decoder = new TextDecoder();

/** A path ends with a NUL that is no part of it; an abstract name begins with one, and may contain others. */
function pathOf(name: Uint8Array): string {
  if (name[0] === 0) return `@${decoder.decode(name.subarray(1))}`;
  const end = name.indexOf(0);
  return decoder.decode(end < 0 ? name : name.subarray(0, end));
}

/** The kernel's number of a device (20 bits of minor number) as user space has it. */
function userDevice(device: number): number {
  const minor = device & 0xfffff;
  return (((device >>> 20) << 8) | (minor & 0xff) | ((minor & ~0xff) << 12)) >>> 0;
}

export const unixSockets: SocketFamilyKind<UnixSocketInfo> = {
  number: AF_UNIX,
  protocol: 0,
  module: 'unix_diag',
  criteria: ['states', 'inode', 'cookie', 'uid'],
  details: ['memory', 'shutdown'],
  words: (question) => [
    question.states,
    ...identityWords(question, question.details.has('memory') ? SHOW | UDIAG_SHOW_MEMINFO : SHOW),
  ],
  read(bytes, start, end, details) {
    if (!isOfFamily(bytes, start, end, { family: AF_UNIX, size: UNIX_DIAG_MSG_SIZE })) return undefined;
    const { u8, u32 } = bytes;
    const socket: Mutable<UnixSocketInfo> = withJson({
      family: 'unix',
      type: socketType(u8[start + 1] ?? 0),
      state: socketStates.name(u8[start + 2] ?? 0),
      cookie: cookieAt(bytes, start + 8),
      inode: u32[(start + 4) >> 2] ?? 0,
      receiveQueue: 0,
      sendQueue: 0,
    });
    const attributes = new AttributeReader(bytes, start + UNIX_DIAG_MSG_SIZE, end);
    while (attributes.next())
      switch (attributes.type) {
        case UNIX_DIAG_NAME:
          socket.path = pathOf(attributes.copy());
          break;
        case UNIX_DIAG_VFS:
          socket.file = { inode: attributes.u32At(0), device: userDevice(attributes.u32At(4)) };
          break;
        case UNIX_DIAG_PEER:
          socket.peerInode = attributes.u32();
          break;
        case UNIX_DIAG_ICONS:
          socket.pendingInodes = Array.from({ length: attributes.length >> 2 }, (_, index) =>
            attributes.u32At(4 * index),
          );
          break;
        case UNIX_DIAG_RQLEN:
          socket.receiveQueue = attributes.u32At(0);
          socket.sendQueue = attributes.u32At(4);
          break;
        case UNIX_DIAG_UID:
          socket.uid = attributes.u32();
          break;
        case UNIX_DIAG_MEMINFO:
          if (details.has('memory')) socket.memory = readMemory(attributes);
          break;
        case UNIX_DIAG_SHUTDOWN:
          if (details.has('shutdown')) socket.shutdown = attributes.u8();
          break;
        default:
          keepUnknown(attributes, socket);
      }
    return socket;
  },
};
