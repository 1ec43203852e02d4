import { Errno } from 'netns-core/sys';
import type { MessageBytes } from '../message/message-bytes.js';
import type { MessageWriter } from '../message/message-writer.js';
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
import type { SocketDetail } from './families/details.js';
import { familyRequest, type SocketFamilyKind } from './families/family.js';
import { genericSockets } from './families/generic.js';
import { LOCAL_FAMILIES, type LocalFamily } from './families/index.js';
import {
  DIAG_MODULES,
  type InternetFamily,
  type InternetSocketInfo,
  type SocketProtocol,
} from './families/internet.js';
import { inetRequest } from './families/internet-request.js';
import { readInternetSocket } from './families/read-internet.js';
import type { InternetSocketFilter, SocketFilter } from './filter.js';
import type { SocketInfo } from './socket-info.js';

/** What has to be asked for; the kernel tells the other details anyway. */
const EXTENSIONS: Partial<Record<SocketDetail, readonly number[]>> = {
  memory: [INET_DIAG_SKMEMINFO],
  tcp: [INET_DIAG_INFO],
  congestion: [INET_DIAG_CONG],
  tos: [INET_DIAG_TOS, INET_DIAG_TCLASS],
};

const DUMP = { type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_DUMP };

/** The list of the sockets of one family, and of one protocol. */
interface Part {
  /** Of what, for the error of a kernel that cannot: `'tcp (module tcp_diag)'`. */
  readonly shown: string;
  message(filter: CheckedFilter, ifindex: number | undefined): MessageWriter;
  read(bytes: MessageBytes, start: number, end: number, details: ReadonlySet<SocketDetail>): SocketInfo | undefined;
  /** Whether the kernel does not choose by link. */
  readonly choosesLink?: true;
}

function internetPart(protocol: SocketProtocol, family: InternetFamily): Part {
  return {
    shown: `${protocol} (module ${DIAG_MODULES[protocol]})`,
    message(filter, ifindex) {
      let ext = 0;
      for (const detail of filter.details) for (const number of EXTENSIONS[detail] ?? []) ext |= 1 << (number - 1);
      const message = inetRequest(DUMP, family, protocol, { ext, states: filter.states });
      const bytecode = bytecodeOf(filter, ifindex);
      return bytecode === undefined ? message : message.bytes(INET_DIAG_REQ_BYTECODE, bytecode);
    },
    read: (bytes, start, end, details) => readInternetSocket(bytes, start, end, protocol, details),
  };
}

function otherPart(family: LocalFamily | number): Part {
  const kind: SocketFamilyKind<SocketInfo> =
    typeof family === 'number' ? genericSockets(family) : LOCAL_FAMILIES[family];
  return {
    shown: typeof family === 'number' ? `family ${family}` : `${family} (module ${kind.module})`,
    message: ({ states, details }) => familyRequest(DUMP, kind, { states, details }),
    read: (bytes, start, end, details) => kind.read(bytes, start, end, details),
    choosesLink: true,
  };
}

function partsOf({ families, others, protocols }: CheckedFilter): Part[] {
  return [
    ...protocols.flatMap((protocol) => families.map((family) => internetPart(protocol, family))),
    ...others.map(otherPart),
  ];
}

/** Whether a socket is one of those that are wanted, as far as the kernel does not choose. */
function isWanted(socket: SocketInfo, { inode, cookie, uid }: CheckedFilter, ifindex: number | undefined): boolean {
  if (socket.family === 'generic') return true;
  if (inode !== undefined && socket.inode !== inode) return false;
  if (cookie !== undefined && socket.cookie !== cookie) return false;
  if (uid !== undefined && (!('uid' in socket) || socket.uid !== uid)) return false;
  return ifindex === undefined || ('ifindex' in socket && socket.ifindex === ifindex);
}

function dumpRequest(part: Part, filter: CheckedFilter, ifindex?: number): DumpRequest<SocketInfo> {
  const { details } = filter;
  const ofLink = part.choosesLink === true ? ifindex : undefined;
  return dump(
    part.message(filter, ifindex).finish(),
    (bytes, start, end) => {
      const socket = part.read(bytes, start, end, details);
      return socket === undefined || !isWanted(socket, filter, ofLink) ? undefined : socket;
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
  { shown }: Part,
  request: DumpRequest<SocketInfo>,
): Program<SocketInfo[]> {
  try {
    return yield* ask<SocketInfo[]>(request);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
    throw new NetlinkError(`cannot ${identity.description}: the kernel cannot list sockets of ${shown} (ENOENT)`, {
      code: 'ENOENT',
      errno: Errno.ENOENT,
      operation: identity.name,
      target: identity.target,
      cause: error,
    });
  }
}

/**
 * Lists the sockets of the namespace: of TCP and UDP unless told otherwise. The kernel chooses by state, address, port
 * and mark, and by link those of IPv4 and IPv6; the rest is sorted out here. Which process has a socket is not told.
 *
 * ```ts
 * netlink.sync.socketList({ protocol: 'tcp', states: ['established'], remote: { port: 443 } });
 * netlink.sync.socketList({ family: ['unix', 'packet'] });
 * ```
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `ENOENT` where the kernel cannot list sockets of a family or protocol
 */
export function socketList(filter?: InternetSocketFilter): Operation<InternetSocketInfo[]>;
export function socketList(filter?: SocketFilter): Operation<SocketInfo[]>;
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
