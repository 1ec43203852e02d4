import { NamespaceNotFoundError, NetnsError } from '../errors.js';
import { NETNS_RUN_DIR } from '../namespace/reference.js';
import { BROKER_PROTOCOL, type BrokerReply, type BrokerRequest } from '../socket/broker-protocol.js';
import { hopSource } from '../socket/hop-source.js';
import { getIntOption, SO_TYPE, SOCK_RAW, SOL_SOCKET, sys } from '../sys/index.js';

/** A reply, and the descriptor that goes with it, which is the caller's to close; -1 for none. */
export interface Served {
  readonly reply: BrokerReply;
  readonly fd: number;
}

/**
 * Does what an allowed request asks for.
 *
 * @throws NetnsError
 */
export function serveRequest(request: BrokerRequest): Served {
  // With the directory: without it 'default' may mean the broker's own namespace.
  const namespace = { name: request.namespace, dir: NETNS_RUN_DIR };
  switch (request.request) {
    case 'open': {
      const { family, type, options } = request;
      const fd = hopSource.open({ ...options, family, type, namespace });
      if (getIntOption(fd, SOL_SOCKET, SO_TYPE) !== SOCK_RAW) return { reply: { version: BROKER_PROTOCOL }, fd };
      sys().close(fd);
      throw new NetnsError(
        `the broker hands out no raw sockets, by which packets can be forged: allow its group in net.ipv4.ping_group_range of the namespace "${request.namespace}", so that it can make an ICMP datagram socket`,
        { code: 'ERR_BROKER_DENIED' },
      );
    }
    case 'identify': {
      const identity = hopSource.identify(namespace);
      if (identity === undefined)
        throw new NamespaceNotFoundError(
          `the namespace "${request.namespace}" does not exist: the broker looked in ${NETNS_RUN_DIR}`,
          { code: 'ENOENT' },
        );
      return { reply: { version: BROKER_PROTOCOL, ...decimal(identity) }, fd: -1 };
    }
    default: {
      const { identity, cookie } = hopSource.inspect(namespace);
      return {
        reply: {
          version: BROKER_PROTOCOL,
          ...(identity === undefined ? {} : decimal(identity)),
          ...(cookie === undefined ? {} : { cookie: String(cookie) }),
        },
        fd: -1,
      };
    }
  }
}

const decimal = ({ dev, ino }: { dev: bigint; ino: bigint }): { dev: string; ino: string } => ({
  dev: String(dev),
  ino: String(ino),
});
