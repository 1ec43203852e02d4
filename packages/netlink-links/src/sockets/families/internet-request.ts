import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { familyNumber } from '../../message/ip-address.js';
import { MessageWriter } from '../../message/message-writer.js';
import {
  INET_DIAG_REQ_ID,
  INET_DIAG_REQ_PROTOCOL,
  INET_DIAG_REQ_SIZE,
  SOCKID_COOKIE,
  SOCKID_DPORT,
  SOCKID_DST,
  SOCKID_IF,
  SOCKID_SPORT,
  SOCKID_SRC,
} from '../../uapi/sock-diag.js';
import { cookieWords } from './cookie.js';
import { type InternetFamily, SOCKET_PROTOCOLS, type SocketProtocol } from './internet.js';

/** One end of a socket, as bytes. */
export interface EncodedEndpoint {
  readonly bytes: Uint8Array;
  readonly port: number;
}

/** What identifies a socket in a request. */
export interface SocketKey {
  readonly local: EncodedEndpoint;
  readonly remote: EncodedEndpoint;
  readonly ifindex: number;
  readonly cookie: bigint | undefined;
}

/** Begins a message about Internet sockets: `struct inet_diag_req_v2`. */
export function inetRequest(
  { type, flags }: { readonly type: number; readonly flags: number },
  family: InternetFamily,
  protocol: SocketProtocol,
  about: { readonly ext?: number; readonly states?: number; readonly key?: SocketKey },
): MessageWriter {
  const number = SOCKET_PROTOCOLS[protocol];
  const message = new MessageWriter(type, flags).header(INET_DIAG_REQ_SIZE, (view, at) => {
    view.setUint8(at, familyNumber(family));
    view.setUint8(at + 1, number & 0xff);
    view.setUint8(at + 2, about.ext ?? 0);
    view.setUint32(at + 4, about.states ?? 0, LITTLE_ENDIAN);
    if (about.key !== undefined) writeKey(view, at + INET_DIAG_REQ_ID, about.key);
  });
  if (number > 0xff) message.u32(INET_DIAG_REQ_PROTOCOL, number);
  return message;
}

function writeKey(view: DataView, at: number, { local, remote, ifindex, cookie }: SocketKey): void {
  view.setUint16(at + SOCKID_SPORT, local.port);
  view.setUint16(at + SOCKID_DPORT, remote.port);
  for (const [index, byte] of local.bytes.entries()) view.setUint8(at + SOCKID_SRC + index, byte);
  for (const [index, byte] of remote.bytes.entries()) view.setUint8(at + SOCKID_DST + index, byte);
  view.setUint32(at + SOCKID_IF, ifindex, LITTLE_ENDIAN);
  const [low, high] = cookieWords(cookie);
  view.setUint32(at + SOCKID_COOKIE, low, LITTLE_ENDIAN);
  view.setUint32(at + SOCKID_COOKIE + 4, high, LITTLE_ENDIAN);
}
