import { Errno } from 'netns-core/sys';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import { describeLink, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, DumpOperation, Operation, type Program } from '../operation/operation.js';
import { type DumpRequest, dump } from '../operation/request.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import {
  INET_DIAG_CONG,
  INET_DIAG_INFO,
  INET_DIAG_REQ_BYTECODE,
  INET_DIAG_SKMEMINFO,
  INET_DIAG_TCLASS,
  INET_DIAG_TOS,
  SOCK_DIAG_BY_FAMILY,
} from '../uapi/sock-diag.js';
import { bytecodeOf } from './bytecode.js';
import { type CheckedFilter, checkSocketFilter } from './check-filter.js';
import type { SocketFilter } from './filter.js';
import { DIAG_MODULES } from './numbers.js';
import { readSocket } from './read.js';
import { inetRequest } from './request.js';
import type { SocketDetail, SocketFamily, SocketInfo, SocketProtocol } from './socket-info.js';

/** What has to be asked for; the kernel tells the other details anyway. */
const EXTENSIONS: Partial<Record<SocketDetail, readonly number[]>> = {
  memory: [INET_DIAG_SKMEMINFO],
  tcp: [INET_DIAG_INFO],
  congestion: [INET_DIAG_CONG],
  tos: [INET_DIAG_TOS, INET_DIAG_TCLASS],
};

/** The list of the sockets of one family and one protocol. */
interface Part {
  readonly family: SocketFamily;
  readonly protocol: SocketProtocol;
}

function partsOf({ families, protocols }: CheckedFilter): Part[] {
  return protocols.flatMap((protocol) => families.map((family) => ({ family, protocol })));
}

function dumpRequest({ family, protocol }: Part, filter: CheckedFilter, ifindex?: number): DumpRequest<SocketInfo> {
  const { states, details, inode, cookie, uid } = filter;
  let ext = 0;
  for (const detail of details) for (const number of EXTENSIONS[detail] ?? []) ext |= 1 << (number - 1);
  const message = inetRequest({ type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_DUMP }, family, protocol, { ext, states });
  const bytecode = bytecodeOf(filter, ifindex);
  if (bytecode !== undefined) message.bytes(INET_DIAG_REQ_BYTECODE, bytecode);
  return dump(
    message.finish(),
    (bytes, start, end) => {
      const socket = readSocket(bytes, start, end, protocol, details);
      if (socket === undefined || (inode !== undefined && socket.inode !== inode)) return undefined;
      if (cookie !== undefined && socket.cookie !== cookie) return undefined;
      return uid === undefined || socket.uid === uid ? socket : undefined;
    },
    'sock_diag',
  );
}

function* indexOf(identity: OperationIdentity, { link }: CheckedFilter): Program<number | undefined> {
  return link === undefined ? undefined : yield* resolveLinkIndex(identity, link);
}

function identityOf(name: string, filter: CheckedFilter): OperationIdentity {
  const { link } = filter;
  const of = link === undefined ? '' : ` of link ${describeLink(link)}`;
  return { name, description: `list the sockets${of}`, target: link === undefined ? 'sockets' : describeLink(link) };
}

/**
 * Lists the sockets that are wanted, as a part of another operation's program.
 *
 * @throws NetlinkError (when it runs)
 */
export function* listSockets(identity: OperationIdentity, filter: CheckedFilter): Program<SocketInfo[]> {
  const ifindex = yield* indexOf(identity, filter);
  let found: SocketInfo[] = [];
  for (const part of partsOf(filter)) {
    const sockets = yield* dumpPart(identity, part, dumpRequest(part, filter, ifindex));
    found = found.length === 0 ? sockets : found.concat(sockets);
  }
  return found;
}

function* dumpPart(
  identity: OperationIdentity,
  { protocol }: Part,
  request: DumpRequest<SocketInfo>,
): Program<SocketInfo[]> {
  try {
    return yield* ask<SocketInfo[]>(request);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
    throw new NetlinkError(
      `cannot ${identity.description}: the kernel cannot list sockets of ${protocol} (module ${DIAG_MODULES[protocol]}) (ENOENT)`,
      { code: 'ENOENT', errno: Errno.ENOENT, operation: identity.name, target: identity.target, cause: error },
    );
  }
}

/**
 * Lists the sockets of the namespace: of TCP and UDP unless told otherwise. The kernel chooses by state, address, port,
 * link and mark; the rest is sorted out here. Which process has a socket is not told.
 *
 * ```ts
 * netlink.sync.socketList({ protocol: 'tcp', states: ['established'], remote: { port: 443 } });
 * ```
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `ENOENT` where the kernel cannot list sockets of a protocol
 */
export function socketList(filter: SocketFilter = {}): Operation<SocketInfo[]> {
  const checked = checkSocketFilter('socketList', filter);
  const identity = identityOf('socketList', checked);
  return new Operation<SocketInfo[]>(identity, () => listSockets(identity, checked));
}

/** The same, a dump for each family and protocol, for iterators. @throws InvalidOptionError */
export function socketDumps(filter: SocketFilter = {}): DumpOperation<SocketInfo>[] {
  const checked = checkSocketFilter('sockets', filter);
  const identity = identityOf('sockets', checked);
  return partsOf(checked).map((part) =>
    checked.link === undefined
      ? new DumpOperation(identity, dumpRequest(part, checked))
      : new DumpOperation(identity, function* () {
          return dumpRequest(part, checked, yield* indexOf(identity, checked));
        }),
  );
}
