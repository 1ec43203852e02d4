import { AttributeReader } from '../../message/attribute-reader.js';
import { withJson } from '../../message/json.js';
import type { Mutable } from '../../message/mutable.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import { AF_VSOCK, VSOCK_DIAG_MSG_SIZE } from '../../uapi/vm-sockets-diag.js';
import { cookieAt } from './cookie.js';
import { identityWords, isOfFamily, type SocketFamilyKind } from './family.js';
import { type Shutdown, type SocketIdentity, type SocketType, socketType } from './identity.js';
import { type SocketState, socketStates } from './states.js';

/** One end of a vsock socket; 4294967295 is any. */
export interface VsockEndpoint {
  /** The machine: 2 is the host, 1 this one. */
  readonly cid: number;
  readonly port: number;
}

/** A socket between a virtual machine and its host; vsock(7). */
export interface VsockSocketInfo extends SocketIdentity {
  readonly family: 'vsock';
  readonly type: SocketType;
  readonly state: SocketState | number;
  readonly local: VsockEndpoint;
  readonly remote: VsockEndpoint;

  // What `details` ask for.

  readonly shutdown?: Shutdown;
}

export const vsockSockets: SocketFamilyKind<VsockSocketInfo> = {
  number: AF_VSOCK,
  protocol: 0,
  module: 'vsock_diag',
  criteria: ['states', 'inode', 'cookie'],
  details: ['shutdown'],
  words: (question) => [question.states, ...identityWords(question, 0)],
  read(bytes, start, end, details) {
    if (!isOfFamily(bytes, start, end, { family: AF_VSOCK, size: VSOCK_DIAG_MSG_SIZE })) return undefined;
    const { u8, u32 } = bytes;
    const word = (at: number): number => u32[(start + at) >> 2] ?? 0;
    const socket: Mutable<VsockSocketInfo> = withJson({
      family: 'vsock',
      type: socketType(u8[start + 1] ?? 0),
      state: socketStates.name(u8[start + 2] ?? 0),
      local: { cid: word(4), port: word(8) },
      remote: { cid: word(12), port: word(16) },
      cookie: cookieAt(bytes, start + 24),
      inode: word(20),
    });
    if (details.has('shutdown')) socket.shutdown = u8[start + 3] ?? 0;
    const attributes = new AttributeReader(bytes, start + VSOCK_DIAG_MSG_SIZE, end);
    while (attributes.next()) keepUnknown(attributes, socket);
    return socket;
  },
};
