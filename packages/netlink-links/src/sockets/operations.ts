import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { acknowledged, one } from '../operation/request.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { SOCK_DESTROY, SOCK_DIAG_BY_FAMILY } from '../uapi/sock-diag.js';
import { checkSocketFilter } from './check-filter.js';
import type { SocketFilter } from './filter.js';
import { listSockets } from './list.js';
import { readSocket } from './read.js';
import { inetRequest, type SocketKey } from './request.js';
import type { SocketInfo } from './socket-info.js';
import { type CheckedSocket, checkSocket, type SocketSpec } from './spec.js';

const NO_DETAILS: ReadonlySet<never> = new Set();

/**
 * Finds a socket by its addresses and ports. One without a remote end is found by its local end.
 *
 * @param socket one that was read will do
 * @throws InvalidOptionError
 * @throws NetlinkError when it runs: `ENOENT` where there is none
 */
export function socketGet(socket: SocketSpec): Operation<SocketInfo> {
  const checked = checkSocket('socketGet', socket);
  const { family, protocol, target, shown } = checked;
  const message = inetRequest({ type: SOCK_DIAG_BY_FAMILY, flags: 0 }, family, protocol, { key: lookUpKey(checked) });
  return new Operation(
    { name: 'socketGet', description: `find ${shown}`, target },
    one(message.finish(), (bytes, start, end) => readSocket(bytes, start, end, protocol, NO_DETAILS), 'sock_diag'),
  );
}

/** The kernel looks a UDP socket up as if a packet came from its local end, for historical reasons (`udp_dump_one`). */
function lookUpKey({ protocol, key }: CheckedSocket): SocketKey {
  return protocol === 'udp' || protocol === 'udplite' ? { ...key, local: key.remote, remote: key.local } : key;
}

function destroyMessage({ family, protocol, key }: CheckedSocket): Uint8Array {
  return inetRequest({ type: SOCK_DESTROY, flags: NLM_F_ACK }, family, protocol, { key }).finish();
}

/**
 * Destroys a socket: its owner gets `ECONNABORTED`, and TCP tells the peer. A UDP socket stays bound to
 * a port that its owner chose. It needs CAP_NET_ADMIN.
 *
 * @param socket one that was read will do: its cookie keeps another one from being hit that has its place by then
 * @throws InvalidOptionError
 * @throws NetlinkError when it runs: `ENOENT` where it is gone, `EOPNOTSUPP` where sockets of the protocol cannot be destroyed
 */
export function socketDestroy(socket: SocketSpec): Operation<void> {
  const checked = checkSocket('socketDestroy', socket);
  const { target, shown } = checked;
  return new Operation(
    { name: 'socketDestroy', description: `destroy ${shown}`, target },
    acknowledged(destroyMessage(checked), 'sock_diag'),
  );
}

/**
 * Destroys all sockets that are wanted: of TCP and UDP unless told otherwise, those of the own process included. What is
 * gone by then is passed over, and so are UDP sockets that share a port with one that the kernel finds first. It needs
 * CAP_NET_ADMIN.
 *
 * @returns how many were destroyed
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where sockets of a protocol cannot be destroyed
 */
export function socketDestroyAll(filter: SocketFilter): Operation<number> {
  const checked = checkSocketFilter('socketDestroyAll', filter);
  const identity: OperationIdentity = {
    name: 'socketDestroyAll',
    description: 'destroy sockets',
    target: 'sockets',
  };
  return new Operation(identity, function* () {
    let left = yield* listSockets(identity, checked);
    let destroyed = 0;
    // Of several sockets that listen on one port the kernel finds one, and the others when that one is gone.
    for (;;) {
      const missed = yield* destroyEach(left);
      destroyed += left.length - missed.length;
      if (missed.length === 0 || missed.length === left.length) return destroyed;
      left = missed;
    }
  });
}

/** Destroys sockets one after the other; gives those that were not found. */
function* destroyEach(sockets: readonly SocketInfo[]): Program<SocketInfo[]> {
  const missed: SocketInfo[] = [];
  for (const socket of sockets)
    try {
      yield* ask(acknowledged(destroyMessage(checkSocket('socketDestroyAll', socket)), 'sock_diag'));
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
      missed.push(socket);
    }
  return missed;
}
