import { type NetlinkProtocol, protocolNumber } from '../operation/protocol.js';
import { NETLINK_ROUTE } from '../uapi/netlink.js';
import type { Inside } from './inside.js';
import { type NetlinkSocket, openNetlinkSocket } from './socket.js';

/** The sockets of one connection: one for each protocol, opened when it is first needed, all in one namespace. */
export class ProtocolSockets {
  readonly #inside: Inside;
  readonly #sockets = new Map<number, NetlinkSocket>();
  #closed = false;

  constructor(inside: Inside) {
    this.#inside = inside;
  }

  /** @throws NetnsError where the socket cannot be opened */
  of(protocol: NetlinkProtocol | undefined): NetlinkSocket {
    const number = protocol === undefined ? NETLINK_ROUTE : protocolNumber(protocol);
    const known = this.#sockets.get(number);
    if (known !== undefined) return known;
    const socket = this.#inside(() => openNetlinkSocket(number));
    this.#sockets.set(number, socket);
    return socket;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of this.#sockets.values()) socket.close();
  }
}
