import { NetnsError } from '../errors.js';
import { type Maker, makeInNamespace } from '../hop/hop.js';
import { describeNamespace, resolveNamespace } from '../namespace/reference.js';
import { identityHere, type ReferenceIdentity, referenceIdentity } from '../namespace/reference-identity.js';
import { AF_INET, AF_NETLINK, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_RAW, sys } from '../sys/index.js';
import { bindToAddress } from './bind-address.js';
import { socketNamespaceCookie } from './socket-cookie.js';
import { type OpenSocketOptions, socketMaker } from './socket-maker.js';
import type { BindAddress, SocketSource } from './source-types.js';

/** The socket source of a process that may enter namespaces itself. It is the default. */
export const hopSource: SocketSource = Object.freeze<SocketSource>({
  open: (options, bindTo) => {
    const { namespace = '' } = options;
    if (bindTo === undefined) return makeInNamespace(namespace, socketMaker, options);
    return makeInNamespace(namespace, boundSocketMaker, { options, bindTo });
  },
  openNetlink: (ref, protocol) => makeInNamespace(ref, netlinkMaker, protocol),
  identify: referenceIdentity,
  mustExist: (ref) => resolveNamespace(ref).close(),
  inspect: (ref) => {
    const probe: Probe = { identity: undefined };
    const fd = makeInNamespace(ref, probeMaker, probe);
    try {
      return { identity: probe.identity, cookie: socketNamespaceCookie(fd) };
    } finally {
      sys().close(fd);
    }
  },
});

const boundSocketMaker: Maker<{ readonly options: OpenSocketOptions; readonly bindTo: BindAddress }> = {
  make: (calls, { options }) => socketMaker.make(calls, options),
  finish: (calls, fd, { options, bindTo }) => {
    socketMaker.finish(calls, fd, options);
    bindToAddress(calls, fd, bindTo);
  },
  error: (errno, ref, { options }) => socketMaker.error(errno, ref, options),
};

const netlinkMaker: Maker<number> = {
  make: (calls, protocol) => calls.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol),
  finish: () => {},
  error: (errno, ref) =>
    NetnsError.fromErrno(errno, 'socket', `cannot open a netlink socket in ${describeNamespace(ref)}`),
};

interface Probe {
  identity: ReferenceIdentity | undefined;
}

const probeMaker: Maker<Probe> = {
  make: (calls, probe) => {
    try {
      probe.identity = identityHere(calls);
    } catch {
      // Without /proc a namespace has no identity; the cookie serves.
    }
    return calls.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  },
  finish: () => {},
  error: (errno, ref) => NetnsError.fromErrno(errno, 'socket', `cannot make a socket in ${describeNamespace(ref)}`),
};
