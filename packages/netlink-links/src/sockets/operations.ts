import { InvalidOptionError } from 'netns-core';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { acknowledged, one } from '../operation/request.js';
import { checkSocketFilter } from './check-filter.js';
import type { InternetSocketInfo } from './families/index.js';
import type { SocketFilter } from './filter.js';
import { listSockets } from './list.js';
import type { SocketInfo } from './socket-info.js';
import { checkSocket, type InternetSocketSpec, type SocketSpec } from './spec.js';

/**
 * Finds a socket: by its addresses and ports, where one without a remote end is found by its local end, or a Unix socket
 * by its inode.
 *
 * @param socket one that was read will do
 * @throws InvalidOptionError
 * @throws NetlinkError when it runs: `ENOENT` where there is none, `EOPNOTSUPP` for netlink, packet, vsock and XDP
 *   sockets, of which the kernel finds no single one
 */
export function socketGet(socket: InternetSocketSpec): Operation<InternetSocketInfo>;
export function socketGet(socket: SocketSpec): Operation<SocketInfo>;
export function socketGet(socket: SocketSpec): Operation<SocketInfo> {
  const checked = checkSocket('socketGet', socket);
  const { target, shown } = checked;
  return new Operation<SocketInfo>(
    { name: 'socketGet', description: `find ${shown}`, target },
    one(checked.lookUp(), (bytes, start, end) => checked.read(bytes, start, end), 'sock_diag'),
  );
}

/**
 * Destroys a socket: its owner gets `ECONNABORTED`, and TCP tells the peer. A UDP socket stays bound to
 * a port that its owner chose. It needs CAP_NET_ADMIN.
 *
 * @param socket one that was read will do: its cookie keeps another one from being hit that has its place by then
 * @throws InvalidOptionError
 * @throws NetlinkError when it runs: `ENOENT` where it is gone, `EOPNOTSUPP` where sockets of the family or protocol
 *   cannot be destroyed: the kernel destroys those of TCP, UDP and what is made of them
 */
export function socketDestroy(socket: SocketSpec): Operation<void> {
  const checked = checkSocket('socketDestroy', socket);
  const { target, shown } = checked;
  return new Operation(
    { name: 'socketDestroy', description: `destroy ${shown}`, target },
    acknowledged(checked.destroy(), 'sock_diag'),
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
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where sockets of a family or protocol cannot be destroyed
 */
export function socketDestroyAll(filter: SocketFilter): Operation<number> {
  const checked = checkSocketFilter('socketDestroyAll', filter);
  const unnamed = checked.others.find((family) => typeof family === 'number');
  if (unnamed !== undefined)
    throw new InvalidOptionError(
      'family',
      `family ${unnamed} has no name here: its sockets cannot be destroyed one by one`,
    );
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
  for (const socket of sockets) {
    // Families without a name are refused beforehand.
    if (socket.family === 'generic') continue;
    try {
      yield* ask(acknowledged(checkSocket('socketDestroyAll', socket).destroy(), 'sock_diag'));
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
      missed.push(socket);
    }
  }
  return missed;
}
