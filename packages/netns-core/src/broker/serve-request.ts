import { NamespaceNotFoundError, NetnsError } from '../errors.js';
import { NETNS_RUN_DIR } from '../namespace/reference.js';
import type { ReferenceIdentity } from '../namespace/reference-identity.js';
import { BROKER_PROTOCOL, type BrokerReply, type BrokerRequest } from '../socket/broker-protocol.js';
import { hopSource } from '../socket/hop-source.js';
import { getIntOption, SO_TYPE, SOCK_RAW, SOL_SOCKET, sys } from '../sys/index.js';

/** A reply, and the descriptors that go with it, which are the caller's to close. */
export interface Served {
  readonly reply: BrokerReply;
  readonly fds: readonly number[];
}

type OpenRequest = Extract<BrokerRequest, { request: 'open' }>;

/**
 * Does what an allowed request asks for.
 *
 * @throws NetnsError
 */
export function serveRequest(request: BrokerRequest): Served {
  const namespace = namespaceOf(request);
  switch (request.request) {
    case 'open':
      return { reply: { version: BROKER_PROTOCOL }, fds: openSockets(request) };
    case 'netlink':
      return { reply: { version: BROKER_PROTOCOL }, fds: [hopSource.openNetlink(namespace, request.protocol)] };
    case 'watch':
      return { reply: watchReply(request.namespace, lookAt(request.namespace)), fds: [] };
    case 'identify': {
      const identity = hopSource.identify(namespace);
      if (identity === undefined)
        throw new NamespaceNotFoundError(
          `the namespace "${request.namespace}" does not exist: the broker looked in ${NETNS_RUN_DIR}`,
          { code: 'ENOENT' },
        );
      return { reply: { version: BROKER_PROTOCOL, ...decimal(identity) }, fds: [] };
    }
    case 'inspect': {
      const { identity, cookie } = hopSource.inspect(namespace);
      return {
        reply: {
          version: BROKER_PROTOCOL,
          ...decimal(identity),
          ...(cookie === undefined ? {} : { cookie: String(cookie) }),
        },
        fds: [],
      };
    }
  }
}

/** With the directory: without it 'default' may mean the broker's own namespace. */
export function namespaceOf({ namespace }: Pick<BrokerRequest, 'namespace'>): { name: string; dir: string } {
  return { name: namespace, dir: NETNS_RUN_DIR };
}

/**
 * What a watched name leads to. Where that cannot be found out (a link to the namespace of another process, a loop of
 * links), it is nothing that the broker makes sockets in: a request for one says why.
 */
export function lookAt(namespace: string): ReferenceIdentity | undefined {
  try {
    return hopSource.identify(namespaceOf({ namespace }));
  } catch (error) {
    if (error instanceof NetnsError) return undefined;
    throw error;
  }
}

/** What a client that watches a name is told. */
export function watchReply(namespace: string, identity: ReferenceIdentity | undefined): BrokerReply {
  return { version: BROKER_PROTOCOL, namespace, ...decimal(identity) };
}

function openSockets(request: OpenRequest): readonly number[] {
  const { family, type, options, bindTo, count = 1 } = request;
  const fds: number[] = [];
  try {
    while (fds.length < count)
      fds.push(hopSource.open({ ...options, family, type, namespace: namespaceOf(request) }, bindTo));
    if (type === 'ping') for (const fd of fds) refuseRaw(fd, request.namespace);
    return fds;
  } catch (error) {
    // Those that the client needs less than an error stay; the first one is what it asked for.
    if (fds.length > 0 && type !== 'ping') return fds;
    for (const fd of fds) sys().close(fd);
    // It would tell the client to get a capability. What is missing is the broker's, and not to be given to it.
    if (type === 'ping' && error instanceof NetnsError && error.code === 'EPERM' && error.syscall === 'socket')
      throw noPingSocket(request.namespace);
    throw error;
  }
}

function refuseRaw(fd: number, namespace: string): void {
  if (getIntOption(fd, SOL_SOCKET, SO_TYPE) === SOCK_RAW) throw noPingSocket(namespace);
}

function noPingSocket(namespace: string): NetnsError {
  return new NetnsError(
    `the broker hands out no raw sockets, by which packets can be forged: allow its group in net.ipv4.ping_group_range of the namespace "${namespace}", so that it can make an ICMP datagram socket`,
    { code: 'ERR_BROKER_DENIED' },
  );
}

const decimal = (identity: ReferenceIdentity | undefined): { dev?: string; ino?: string } =>
  identity === undefined ? {} : { dev: String(identity.dev), ino: String(identity.ino) };
