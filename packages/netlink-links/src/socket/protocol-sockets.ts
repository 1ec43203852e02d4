import { type NetlinkProtocol, protocolNumber } from '../operation/protocol.js';
import { NETLINK_ROUTE } from '../uapi/netlink.js';
import type { NetlinkSocket } from './socket.js';

/** Opens a socket of a protocol, by its number, in one namespace. */
export type OpenSocket = (protocol: number) => NetlinkSocket;

/** The sockets of one connection: one for each protocol, opened when it is first needed, all in one namespace. */
export class ProtocolSockets {
  readonly #open: OpenSocket;
  readonly #sockets = new Map<number, NetlinkSocket>();
  #closed = false;

  constructor(open: OpenSocket) {
    this.#open = open;
  }

  /** @throws NetnsError where the socket cannot be opened */
  of(protocol: NetlinkProtocol | undefined): NetlinkSocket {
    const number = protocol === undefined ? NETLINK_ROUTE : protocolNumber(protocol);
    const known = this.#sockets.get(number);
    if (known !== undefined) return known;
    const socket = this.#open(number);
    this.#sockets.set(number, socket);
    return socket;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of this.#sockets.values()) socket.close();
  }
}
